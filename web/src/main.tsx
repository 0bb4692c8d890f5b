// Entry: the look, then the frame. Everything else is fetched when needed.
import "./style/tokens.css";
import "./style/base.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/form.css";
import "./style/table.css";
import { render } from "preact";
import { App } from "./app/app";

const place = document.getElementById("app");
if (place) render(<App />, place);
