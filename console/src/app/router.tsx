import { createBrowserRouter, Navigate } from "react-router";
import { Boot } from "./Boot";
import { RouteError } from "./RouteError";

export const router = createBrowserRouter([
  {
    HydrateFallback: Boot,
    ErrorBoundary: RouteError,
    children: [
      { path: "/setup", lazy: () => import("@/features/auth/SetupPage") },
      { path: "/sign-in", lazy: () => import("@/features/auth/SignInPage") },
      {
        path: "/",
        lazy: () => import("./Shell"),
        children: [
          {
            ErrorBoundary: RouteError,
            children: [
              { index: true, lazy: () => import("@/features/home/HomePage") },
              { path: "events", lazy: () => import("@/features/events/LiveEventsPage") },
              { path: "import", lazy: () => import("@/features/import/ImportPage") },
              { path: "rejected", lazy: () => import("@/features/events/RejectedEventsPage") },
              { path: "customers", lazy: () => import("@/features/customers/CustomersPage") },
              { path: "customers/:id", lazy: () => import("@/features/customers/CustomerPage") },
              { path: "topics", lazy: () => import("@/features/permission/TopicsPage") },
              {
                path: "suppressions",
                lazy: () => import("@/features/permission/SuppressionsPage"),
              },
              { path: "segments", lazy: () => import("@/features/segments/SegmentsPage") },
              { path: "segments/new", lazy: () => import("@/features/segments/SegmentEditPage") },
              { path: "segments/overlap", lazy: () => import("@/features/segments/OverlapPage") },
              { path: "segments/:id", lazy: () => import("@/features/segments/SegmentPage") },
              {
                path: "segments/:id/edit",
                lazy: () => import("@/features/segments/SegmentEditPage"),
              },
              { path: "lists", lazy: () => import("@/features/lists/ListsPage") },
              { path: "lists/:id", lazy: () => import("@/features/lists/ListPage") },
              { path: "campaigns", lazy: () => import("@/features/campaigns/CampaignsPage") },
              {
                path: "campaigns/new",
                lazy: () => import("@/features/campaigns/CampaignEditPage"),
              },
              { path: "campaigns/:id", lazy: () => import("@/features/campaigns/CampaignPage") },
              {
                path: "campaigns/:id/edit",
                lazy: () => import("@/features/campaigns/CampaignEditPage"),
              },
              { path: "templates", lazy: () => import("@/features/templates/TemplatesPage") },
              { path: "templates/brand", lazy: () => import("@/features/templates/BrandPage") },
              {
                path: "templates/:kind/:id",
                lazy: () => import("@/features/templates/TemplateEditPage"),
              },
              {
                path: "templates/content-blocks",
                lazy: () => import("@/features/templates/BlocksPage"),
              },
              {
                path: "templates/layouts",
                lazy: () => import("@/features/templates/LayoutsPage"),
              },
              {
                path: "templates/:id",
                lazy: () => import("@/features/templates/TemplateEditPage"),
              },
              { path: "messages", lazy: () => import("@/features/messages/MessagesPage") },
              { path: "messages/:id", lazy: () => import("@/features/messages/MessagePage") },
              { path: "sandbox", lazy: () => import("@/features/messages/SandboxPage") },
              {
                path: "settings",
                lazy: () => import("@/features/settings/SettingsLayout"),
                children: [
                  { index: true, element: <Navigate to="workspace" replace /> },
                  { path: "workspace", lazy: () => import("@/features/settings/WorkspacePage") },
                  { path: "email", lazy: () => import("@/features/settings/EmailProviderPage") },
                  {
                    path: "deliverability",
                    lazy: () => import("@/features/deliverability/DeliverabilityPage"),
                  },
                  {
                    path: "restraint",
                    lazy: () => import("@/features/permission/RestraintPage"),
                  },
                  { path: "users", lazy: () => import("@/features/settings/UsersPage") },
                  { path: "keys", lazy: () => import("@/features/settings/KeysPage") },
                  { path: "sources", lazy: () => import("@/features/settings/SourcesPage") },
                  { path: "system", lazy: () => import("@/features/settings/SystemPage") },
                  { path: "account", lazy: () => import("@/features/settings/AccountPage") },
                ],
              },
              { path: "*", lazy: () => import("./NotFound") },
            ],
          },
        ],
      },
    ],
  },
]);
