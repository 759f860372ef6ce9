"use strict";
{
  const form = document.getElementById("filters");
  const cards = [...document.querySelectorAll(".card")];
  const matches = (card, name, value) =>
    value === "*" || (value === "*waiting" ? "waiting" in card.dataset : card.dataset[name] === value);
  const apply = () => {
    const wanted = ["state", "owner"].map((name) => [name, form.elements[name].value]);
    for (const card of cards) {
      card.hidden = !wanted.every(([name, value]) => matches(card, name, value));
    }
    for (const phase of document.querySelectorAll(".phase[data-listed]")) {
      phase.querySelector(".count").textContent = phase.querySelectorAll(".card:not([hidden])").length;
    }
    const shown = cards.filter((card) => !card.hidden).length;
    document.getElementById("shown").textContent = `${shown} of ${cards.length} onboardings shown`;
  };
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  // After the controls have their first values again.
  form.addEventListener("reset", () => setTimeout(apply));
  form.hidden = false;
  apply();
}
