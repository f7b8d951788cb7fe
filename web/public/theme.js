// Before the first paint, so that a dark room never flashes white. The choice is made in src/theme.ts.
(function () {
  var kept = null;
  try {
    kept = localStorage.getItem("everkin.theme");
  } catch {}
  var dark = kept ? kept === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
