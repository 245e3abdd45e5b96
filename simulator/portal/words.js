// The portal's words for what its billing pages show, in each of its languages beside English.
// It must not know where they stand.

const TERMS = ["Invoices", "Subscriptions", "Refresh", "Download", "Not available"];
const LANGUAGES = {
  cs: ["Faktury", "Předplatná", "Aktualizovat", "Stáhnout", "Není k dispozici"],
  de: ["Rechnungen", "Abonnements", "Aktualisieren", "Herunterladen", "Nicht verfügbar"],
  es: ["Facturas", "Suscripciones", "Actualizar", "Descargar", "No disponible"],
  fr: ["Factures", "Abonnements", "Actualiser", "Télécharger", "Pas disponible"],
  hu: ["Számlák", "Előfizetések", "Frissítés", "Letöltés", "Nem érhető el"],
  id: ["Faktur", "Langganan", "Refresh", "Unduh", "Tidak tersedia"],
  it: ["Fatture", "Sottoscrizioni", "Aggiorna", "Scarica", "Non disponibile"],
  ja: ["請求書", "サブスクリプション", "最新の情報に更新", "ダウンロード", "利用できません"],
  ko: ["청구서", "구독", "새로 고침", "다운로드", "사용할 수 없음"],
  nl: ["Facturen", "Abonnementen", "Vernieuwen", "Downloaden", "Niet beschikbaar"],
  pl: ["Faktury", "Subskrypcje", "Odśwież", "Pobierz", "niedostępna"],
  "pt-br": ["Faturas", "Assinaturas", "Atualizar", "Baixar", "Não disponível"],
  "pt-pt": ["Faturas", "Subscrições", "Atualizar", "Transferir", "Indisponível"],
  ru: ["Счета", "Подписки", "Обновить", "Скачать", "Недоступно"],
  sv: ["Fakturor", "Prenumerationer", "Uppdatera", "Ladda ned", "Inte tillgänglig"],
  tr: ["Faturalar", "Abonelikler", "Yenile", "İndir", "Kullanılamıyor"],
  "zh-hans": ["发票", "订阅", "刷新", "下载", "不可用"],
  "zh-hant": ["發票", "訂用帳戶", "重新整理", "下載", "無法使用"],
};
/** Tags that mean one of those. */
const ALSO = { pt: "pt-br", zh: "zh-hans", "zh-cn": "zh-hans", "zh-sg": "zh-hans", "zh-tw": "zh-hant", "zh-hk": "zh-hant" };

/** A word in the page's language; English where there is none. */
export function word(text) {
  const parts = document.documentElement.lang.toLowerCase().split("-");
  // From the whole tag to its first part.
  const tags = parts.map((_, at) => parts.slice(0, parts.length - at).join("-"));
  const words = tags.map((tag) => LANGUAGES[tag] ?? LANGUAGES[ALSO[tag]]).find(Boolean);
  return words?.[TERMS.indexOf(text)] ?? text;
}
