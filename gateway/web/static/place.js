// "Use my location": shown if the device supports it; asks for permission only when pressed.

for (const where of document.querySelectorAll("[data-place]")) {
  const { "place.latitude": latitude, "place.longitude": longitude } = where.closest("form")?.elements ?? {};
  if (latitude && longitude && navigator.geolocation && isSecureContext) offering(where, latitude, longitude);
}

function offering(where, latitude, longitude) {
  const words = where.dataset;
  const use = button(words.textUse, "btn alt");
  const forget = button(words.textForget, "link");
  const told = document.createElement("p");
  told.setAttribute("role", "status");
  where.append(use, told);
  use.addEventListener("click", ask);
  forget.addEventListener("click", () => {
    keep("", "");
    forget.remove();
    setText(told, words.textForgotten);
    use.focus();
  });
  if (latitude.value) known(words.textKnown);

  function ask() {
    setText(told, words.textAsking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        keep(coords.latitude.toFixed(6), coords.longitude.toFixed(6));
        known(words.textFound, { n: Math.max(1, Math.round(coords.accuracy)) });
      },
      ({ code, PERMISSION_DENIED }) => setText(told, code === PERMISSION_DENIED ? words.textRefused : words.textFailed),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
    );
  }

  function known(text, values) {
    setText(told, text, values);
    told.after(forget);
  }

  function keep(north, east) {
    latitude.value = north;
    longitude.value = east;
    // Makes draft.js save the form.
    longitude.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function button(text, classes) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: classes, textContent: text });
  return made;
}

// Fills a text of the page. Numbers keep their own direction.
function setText(element, text = "", values = {}) {
  const number = (name) => Object.assign(document.createElement("bdi"), { dir: "ltr", textContent: values[name] });
  element.replaceChildren(...text.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? number(part) : part)));
}
