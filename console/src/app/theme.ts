import { theme, type ThemeConfig } from "antd";

const font =
  '"Inter Variable", "PingFang SC", "PingFang TC", "Hiragino Sans GB", ' +
  '"Microsoft YaHei", "Microsoft JhengHei", ' +
  '"Noto Sans CJK SC", "Noto Sans", system-ui, sans-serif';

const light = {
  colorPrimary: "#0b6b58",
  colorPrimaryBg: "#e2f1ec",
  controlItemBgActive: "#e2f1ec",
  controlItemBgActiveHover: "#d5eae3",
  colorInfoBg: "#eef6f3",
  colorInfoBorder: "#c4e0d7",
  colorWarningBg: "#fbf0e1",
  colorWarningBorder: "#ecd3ae",
  colorErrorBg: "#fbeae8",
  colorErrorBorder: "#efc8c4",
  colorInfo: "#0b6b58",
  colorSuccess: "#1f7a4d",
  colorWarning: "#a8570c",
  colorError: "#b3261e",
  colorTextBase: "#17211e",
  colorBgBase: "#ffffff",
  colorBorder: "#cfd8d4",
  colorBorderSecondary: "#e3e9e6",
  colorLink: "#0b6b58",
  colorTextPlaceholder: "#6b7873",
  colorTextDescription: "#56635e",
  colorTextSecondary: "#56635e",
};

const dark = {
  colorPrimary: "#3fb598",
  colorPrimaryBg: "#17332b",
  controlItemBgActive: "#17332b",
  controlItemBgActiveHover: "#1d4036",
  colorInfoBg: "#16241f",
  colorInfoBorder: "#29453b",
  colorWarningBg: "#33270f",
  colorWarningBorder: "#5a4520",
  colorErrorBg: "#3a1d1a",
  colorErrorBorder: "#663630",
  colorInfo: "#3fb598",
  colorSuccess: "#4fb97f",
  colorWarning: "#e0a050",
  colorError: "#f0857c",
  colorTextBase: "#e6ecea",
  colorBgBase: "#141a18",
  colorBgElevated: "#1d2522",
  colorBgContainer: "#18201d",
  colorBorder: "#3a4742",
  colorBorderSecondary: "#28322e",
  colorLink: "#5fcbb0",
  colorTextPlaceholder: "#8c9a95",
  colorTextDescription: "#a2b0ab",
  colorTextSecondary: "#a2b0ab",
};

/**
 * The palette and measures of every Ant Design component; styles/tokens.css holds the same
 * colours.
 */
export function antTheme(isDark: boolean): ThemeConfig {
  return {
    algorithm: isDark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      ...(isDark ? dark : light),
      fontFamily: font,
      fontSize: 14,
      borderRadius: 8,
      controlHeight: 36,
      lineWidthFocus: 2,
      wireframe: false,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.18s",
    },
    components: {
      Button: {
        fontWeight: 500,
        primaryShadow: "none",
        defaultShadow: "none",
        dangerShadow: "none",
        ...(isDark && { primaryColor: "#06251d" }),
      },
      Form: {
        itemMarginBottom: 20,
        verticalLabelPadding: "0 0 6px",
        labelColor: isDark ? "#c9d4d0" : "#33403b",
      },
      Tooltip: { colorBgSpotlight: isDark ? "#33403b" : "#22302b" },
    },
  };
}
