import { createBrowserRouter } from "react-router";
import { Boot } from "./Boot";
import { RouteError } from "./RouteError";

export const router = createBrowserRouter([
  {
    HydrateFallback: Boot,
    ErrorBoundary: RouteError,
    children: [
      { path: "/sign-in", lazy: () => import("@/features/auth/SignInPage") },
      {
        path: "/",
        lazy: () => import("./Shell"),
        children: [
          {
            ErrorBoundary: RouteError,
            children: [
              { index: true, lazy: () => import("@/features/home/HomePage") },
              { path: "customers", lazy: () => import("@/features/customers/CustomersPage") },
              { path: "customers/:id", lazy: () => import("@/features/customers/CustomerPage") },
              { path: "*", lazy: () => import("./NotFound") },
            ],
          },
        ],
      },
    ],
  },
]);
