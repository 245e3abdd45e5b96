// The portal's words for what its billing pages show, in each of its languages beside English.
// It must not know where they stand.

const TERMS = [
  "Invoices", "Subscriptions", "Refresh", "Download", "Not available",
  "Allow others to download invoice", "Subscription", "On", "Off", "Save", "Cancel", "Close",
  "Edit invoice details", "Only the account administrator can download invoices", "Users/groups with subscription-level access can download invoices",
  "Select a subscription", "Loading\u2026", "Saving\u2026", "Your changes were saved.", "Your changes could not be saved.", "Your session has ended. Sign in again.",
];
const LANGUAGES = {
  cs: [
    "Faktury", "Předplatná", "Aktualizovat", "Stáhnout", "Není k dispozici",
    "Povolit ostatním stahování faktur", "Předplatné", "Zapnuto", "Vypnuto", "Uložit", "Zrušit", "Zavřít",
    "Upravit podrobnosti faktury", "Faktury může stahovat jenom správce účtu", "Faktury můžou stahovat uživatelé nebo skupiny s přístupem na úrovni předplatného",
    "Vyberte předplatné", "Načítá se…", "Ukládá se…", "Změny se uložily.", "Změny se nepovedlo uložit.", "Vaše relace skončila. Přihlaste se znovu.",
  ],
  de: [
    "Rechnungen", "Abonnements", "Aktualisieren", "Herunterladen", "Nicht verfügbar",
    "Anderen Benutzern das Herunterladen der Rechnung gestatten", "Abonnement", "Ein", "Aus", "Speichern", "Abbrechen", "Schließen",
    "Rechnungsdetails bearbeiten", "Nur der Kontoadministrator kann Rechnungen herunterladen", "Benutzer/Gruppen mit Zugriff auf Abonnementebene können Rechnungen herunterladen",
    "Abonnement auswählen", "Wird geladen…", "Wird gespeichert…", "Ihre Änderungen wurden gespeichert.", "Ihre Änderungen konnten nicht gespeichert werden.", "Ihre Sitzung ist beendet. Melden Sie sich erneut an.",
  ],
  es: [
    "Facturas", "Suscripciones", "Actualizar", "Descargar", "No disponible",
    "Permitir que otros usuarios descarguen la factura", "Suscripción", "Activado", "Desactivar", "Guardar", "Cancelar", "Cerrar",
    "Editar los detalles de la factura", "Solo el administrador de la cuenta puede descargar facturas", "Los usuarios o grupos con acceso en el nivel de suscripción pueden descargar facturas",
    "Seleccionar una suscripción", "Cargando…", "Guardando…", "Los cambios se guardaron.", "No se pudieron guardar los cambios.", "La sesión ha finalizado. Inicie sesión de nuevo.",
  ],
  fr: [
    "Factures", "Abonnements", "Actualiser", "Télécharger", "Pas disponible",
    "Autoriser les autres utilisateurs à télécharger la facture", "Abonnement", "Activé", "Désactivé", "Enregistrer", "Annuler", "Fermer",
    "Modifier les détails de la facture", "Seul l’administrateur de compte peut télécharger les factures", "Les utilisateurs/groupes disposant d’un accès au niveau de l’abonnement peuvent télécharger les factures",
    "Sélectionner un abonnement", "Chargement…", "Enregistrement…", "Vos modifications ont été enregistrées.", "Impossible d’enregistrer vos modifications.", "Votre session est terminée. Reconnectez-vous.",
  ],
  hu: [
    "Számlák", "Előfizetések", "Frissítés", "Letöltés", "Nem érhető el",
    "Számla letöltésének engedélyezése mások számára", "Előfizetés", "Be", "Ki", "Mentés", "Mégse", "Bezárás",
    "Számla részleteinek szerkesztése", "Csak a fiókadminisztrátor tölthet le számlákat", "Az előfizetési szintű hozzáféréssel rendelkező felhasználók vagy csoportok tölthetnek le számlákat",
    "Előfizetés kiválasztása", "Betöltés…", "Mentés folyamatban…", "A módosítások mentése megtörtént.", "A módosításokat nem sikerült menteni.", "A munkamenet véget ért. Jelentkezzen be újra.",
  ],
  id: [
    "Faktur", "Langganan", "Refresh", "Unduh", "Tidak tersedia",
    "Izinkan orang lain untuk mengunduh faktur", "Langganan", "Aktif", "Nonaktif", "Simpan", "Batal", "Tutup",
    "Edit detail faktur", "Hanya administrator akun yang dapat mengunduh faktur", "Pengguna/grup dengan akses tingkat langganan dapat mengunduh faktur",
    "Pilih langganan", "Memuat…", "Menyimpan…", "Perubahan Anda telah disimpan.", "Perubahan Anda tidak dapat disimpan.", "Sesi Anda telah berakhir. Masuk lagi.",
  ],
  it: [
    "Fatture", "Sottoscrizioni", "Aggiorna", "Scarica", "Non disponibile",
    "Consenti ad altri utenti di scaricare la fattura", "Sottoscrizione", "Sì", "Disattivata", "Salva", "Annulla", "Chiudi",
    "Modifica i dettagli della fattura", "Solo l'amministratore dell'account può scaricare le fatture", "Gli utenti o i gruppi con accesso a livello di sottoscrizione possono scaricare le fatture",
    "Selezionare una sottoscrizione", "Caricamento…", "Salvataggio…", "Le modifiche sono state salvate.", "Non è stato possibile salvare le modifiche.", "La sessione è terminata. Accedere di nuovo.",
  ],
  ja: [
    "請求書", "サブスクリプション", "最新の情報に更新", "ダウンロード", "利用できません",
    "請求書のダウンロードを他のユーザーに許可する", "サブスクリプション", "オン", "オフ", "保存", "キャンセル", "閉じる",
    "請求書の詳細の編集", "アカウント管理者のみが請求書をダウンロードできます", "サブスクリプション レベルのアクセス権を持つユーザー/グループが請求書をダウンロードできます",
    "サブスクリプションの選択", "読み込んでいます…", "保存しています…", "変更が保存されました。", "変更を保存できませんでした。", "セッションが終了しました。もう一度サインインしてください。",
  ],
  ko: [
    "청구서", "구독", "새로 고침", "다운로드", "사용할 수 없음",
    "다른 사람이 청구서를 다운로드할 수 있도록 허용", "구독", "켜기", "해제", "저장", "취소", "닫기",
    "청구서 세부 정보 편집", "계정 관리자만 청구서를 다운로드할 수 있음", "구독 수준 액세스 권한이 있는 사용자/그룹이 청구서를 다운로드할 수 있음",
    "구독 선택", "로드 중…", "저장 중…", "변경 내용이 저장되었습니다.", "변경 내용을 저장할 수 없습니다.", "세션이 종료되었습니다. 다시 로그인하세요.",
  ],
  nl: [
    "Facturen", "Abonnementen", "Vernieuwen", "Downloaden", "Niet beschikbaar",
    "Anderen toestemming geven om factuur te downloaden", "Abonnement", "Aan", "Uit", "Opslaan", "Annuleren", "Sluiten",
    "Factuurgegevens bewerken", "Alleen de accountbeheerder kan facturen downloaden", "Gebruikers/groepen met toegang op abonnementsniveau kunnen facturen downloaden",
    "Selecteer een abonnement", "Laden…", "Opslaan…", "Uw wijzigingen zijn opgeslagen.", "Uw wijzigingen kunnen niet worden opgeslagen.", "Uw sessie is beëindigd. Meld u opnieuw aan.",
  ],
  pl: [
    "Faktury", "Subskrypcje", "Odśwież", "Pobierz", "niedostępna",
    "Zezwól innym osobom na pobranie faktury", "Subskrypcja", "Włączone", "Wyłączone", "Zapisz", "Anuluj", "Zamknij",
    "Edytuj szczegóły faktury", "Tylko administrator konta może pobierać faktury", "Użytkownicy/grupy z dostępem na poziomie subskrypcji mogą pobierać faktury",
    "Wybierz subskrypcję", "Ładowanie…", "Zapisywanie…", "Zmiany zostały zapisane.", "Nie można zapisać zmian.", "Sesja została zakończona. Zaloguj się ponownie.",
  ],
  "pt-br": [
    "Faturas", "Assinaturas", "Atualizar", "Baixar", "Não disponível",
    "Permitir que outras pessoas baixem a fatura", "Assinatura", "Ativado", "Desativado", "Salvar", "Cancelar", "Fechar",
    "Editar detalhes da fatura", "Somente o administrador da conta pode baixar faturas", "Usuários/grupos com acesso no nível da assinatura podem baixar faturas",
    "Selecione uma assinatura", "Carregando…", "Salvando…", "Suas alterações foram salvas.", "Não foi possível salvar suas alterações.", "Sua sessão terminou. Entre novamente.",
  ],
  "pt-pt": [
    "Faturas", "Subscrições", "Atualizar", "Transferir", "Indisponível",
    "Permitir que outros transfiram a fatura", "Subscrição", "Ativado", "Desativado", "Guardar", "Cancelar", "Fechar",
    "Editar detalhes da fatura", "Apenas o administrador da conta pode transferir faturas", "Os utilizadores/grupos com acesso ao nível da subscrição podem transferir faturas",
    "Selecione uma subscrição", "A carregar…", "A guardar…", "As suas alterações foram guardadas.", "Não foi possível guardar as suas alterações.", "A sua sessão terminou. Inicie sessão novamente.",
  ],
  ru: [
    "Счета", "Подписки", "Обновить", "Скачать", "Недоступно",
    "Разрешить скачивание счета другим пользователям", "Подписка", "Вкл.", "Выкл.", "Сохранить", "Отмена", "Закрыть",
    "Изменить сведения о счете", "Скачивать счета может только администратор учетной записи", "Скачивать счета могут пользователи и группы с доступом на уровне подписки",
    "Выберите подписку", "Загрузка…", "Сохранение…", "Изменения сохранены.", "Не удалось сохранить изменения.", "Ваш сеанс завершен. Войдите снова.",
  ],
  sv: [
    "Fakturor", "Prenumerationer", "Uppdatera", "Ladda ned", "Inte tillgänglig",
    "Tillåt andra att ladda ned fakturan", "Prenumeration", "På", "Av", "Spara", "Avbryt", "Stäng",
    "Redigera fakturainformation", "Endast kontoadministratören kan ladda ned fakturor", "Användare/grupper med åtkomst på prenumerationsnivå kan ladda ned fakturor",
    "Välj en prenumeration", "Läser in…", "Sparar…", "Dina ändringar har sparats.", "Det gick inte att spara dina ändringar.", "Din session har avslutats. Logga in igen.",
  ],
  tr: [
    "Faturalar", "Abonelikler", "Yenile", "İndir", "Kullanılamıyor",
    "Başkalarının fatura indirmesine izin ver", "Abonelik", "Açık", "Kapalı", "Kaydet", "İptal", "Kapat",
    "Fatura ayrıntılarını düzenle", "Faturaları yalnızca hesap yöneticisi indirebilir", "Abonelik düzeyinde erişimi olan kullanıcılar/gruplar faturaları indirebilir",
    "Abonelik seçin", "Yükleniyor…", "Kaydediliyor…", "Değişiklikleriniz kaydedildi.", "Değişiklikleriniz kaydedilemedi.", "Oturumunuz sona erdi. Yeniden oturum açın.",
  ],
  "zh-hans": [
    "发票", "订阅", "刷新", "下载", "不可用",
    "允许其他人下载发票", "订阅", "打开", "关闭", "保存", "取消", "关闭",
    "编辑发票详细信息", "只有帐户管理员可以下载发票", "具有订阅级别访问权限的用户/组可以下载发票",
    "选择订阅", "正在加载…", "正在保存…", "你的更改已保存。", "无法保存你的更改。", "你的会话已结束。请重新登录。",
  ],
  "zh-hant": [
    "發票", "訂用帳戶", "重新整理", "下載", "無法使用",
    "允許其他人下載發票", "訂用帳戶", "開啟", "關閉", "儲存", "取消", "關閉",
    "編輯發票詳細資料", "只有帳戶管理員可以下載發票", "具有訂用帳戶層級存取權的使用者/群組可以下載發票",
    "選取訂用帳戶", "正在載入…", "正在儲存…", "已儲存您的變更。", "無法儲存您的變更。", "您的工作階段已結束。請重新登入。",
  ],
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
