import "@fontsource-variable/hanken-grotesk/wght.css";
import "@fontsource-variable/hanken-grotesk/wght-italic.css";
import "@fontsource-variable/literata/opsz.css";
import "@fontsource-variable/literata/opsz-italic.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { House, HouseProvider } from "./house";
import { App } from "./shell/App";

const house = new House();
house.open();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <HouseProvider value={house}>
      <App />
    </HouseProvider>
  </StrictMode>,
);
