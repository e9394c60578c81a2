/// The words by which people stop, start and ask for help, as data: folded, in English, Spanish, French, German,
/// Portuguese, Italian, Polish and Dutch.
///
/// The English ones are Twilio's defaults and the seven of the rules in the US, with "opt out" and "revoke". An everyday
/// answer is in no list, although it ends something in another language: "fine", "no", "ok", "begin".
enum OptOutWords {
    /// What each word or phrase means.
    static let meanings: [String: OptOutKeyword] = {
        var meanings: [String: OptOutKeyword] = [:]
        for (meaning, lists) in [(OptOutKeyword.stop, stop), (.start, start), (.help, help)] {
            for phrase in lists.flatMap({ $0.split(separator: ",") }) {
                meanings[String(phrase.drop { $0 == " " })] = meaning
            }
        }
        return meanings
    }()

    private static let stop = [
        // English
        """
        STOP, STOPALL, STOP ALL, UNSUBSCRIBE, UNSUB, CANCEL, END, QUIT, REVOKE, OPTOUT, OPT OUT, OPT ME OUT, UNSUBSCRIBE ME, \
        REMOVE ME, TAKE ME OFF, TAKE ME OFF YOUR LIST, TAKE ME OFF THIS LIST, REMOVE ME FROM YOUR LIST, STOP NOW, STOP IT, \
        STOP THIS, STOP TEXTING ME, STOP MESSAGING ME, STOP MESSAGING, STOP SENDING, STOP SENDING MESSAGES, STOP MESSAGES, STOP ALL MESSAGES, STOP TEXTS, STOP SMS, STOP TEXTING, STOP IT ALL, CANCEL ALL
        """,
        // Spanish
        """
        PARAR, PARE, PARA YA, ALTO, BAJA, DAR DE BAJA, DARME DE BAJA, DARSE DE BAJA, DEME DE BAJA, DAME DE BAJA, CANCELAR, \
        CANCELE, DETENER, DETENGA, DETENGAN, SALIR, TERMINAR, FIN, ANULAR, DESUSCRIBIR, DESUSCRIBIRME, DESUSCRIBIRSE, \
        DESUSCRIBIRTE, DESUSCRIPCION, CANCELAR SUSCRIPCION, CANCELAR LA SUSCRIPCION, REVOCAR, BASTA, BASTA YA, NO MAS, NO MAS MENSAJES, \
        BORRARME, ELIMINAR, ELIMINARME
        """,
        // French
        """
        ARRET, ARRETE, ARRETT, ARRETS, ARRETER, ARRETEZ, DESABONNER, DESABONNEZ, DESABONNEMENT, DESABONNE, SE DESABONNER, \
        ME DESABONNER, DESABONNEZ MOI, DESINSCRIRE, DESINSCRIPTION, DESINSCRIVEZ MOI, SE DESINSCRIRE, ME DESINSCRIRE, ANNULER, \
        ANNULEZ, ANNULATION, RESILIER, RESILIATION, TERMINER, QUITTER, REVOQUER, STOP PUB, STOPPER, STOPPEZ
        """,
        // German
        """
        STOPP, STOPPEN, ABMELDEN, ABMELDUNG, ABMELDE, BITTE ABMELDEN, MICH ABMELDEN, ABBESTELLEN, ABBESTELLUNG, AUSTRAGEN, \
        KUENDIGEN, KUNDIGEN, KUENDIGUNG, KUNDIGUNG, BEENDEN, ENDE, ABBRECHEN, ABBRUCH, WIDERRUF, WIDERRUFEN, WIDERSPRUCH, \
        AUFHOEREN, AUFHOREN, STORNIEREN, ABO BEENDEN, LOESCHEN, LOSCHEN
        """,
        // Portuguese
        """
        PARE DE ENVIAR, SAIR, SAIR DA LISTA, REMOVER, REMOVA, REMOVA ME, ME REMOVA, DESCADASTRAR, DESCADASTRO, DESCADASTRE, \
        ME DESCADASTRE, DESINSCREVER, DESINSCREVA, CANCELAR INSCRICAO, CANCELAR ASSINATURA, CANCELAR SUBSCRICAO, CANCELE, \
        ENCERRAR, FIM, TERMINE, ANULE, CHEGA, REVOGAR, DESATIVAR, EXCLUIR
        """,
        // Italian
        """
        FERMA, FERMARE, FERMATE, ANNULLA, ANNULLARE, CANCELLA, CANCELLAMI, CANCELLARE, CANCELLAZIONE, CANCELLATEMI, \
        DISISCRIVI, DISISCRIVIMI, DISISCRIVERMI, DISISCRIVERSI, DISISCRIZIONE, DISCRIVIMI, DISDIRE, DISDETTA, TERMINA, \
        TERMINARE, ESCI, USCIRE, RIMUOVI, RIMUOVIMI, RIMUOVERE, REVOCA, REVOCARE, RECEDERE, RECESSO, ARRESTA, ARRESTO, SMETTI, \
        SMETTETE, INTERROMPI, INTERROMPERE
        """,
        // Polish
        """
        WYPISZ, WYPISZ MNIE, WYPISUJE SIE, WYPISAC, REZYGNUJE, REZYGNACJA, ANULUJ, ANULOWAC, KONIEC, ZATRZYMAJ, ZATRZYMAC, \
        ODSUBSKRYBUJ, WYREJESTRUJ, WYREJESTRUJ MNIE, USUN, USUN MNIE, COFNIJ, COFAM ZGODE, COFNIJ ZGODE, WYCOFUJE ZGODE, \
        WYCOFAJ ZGODE, PRZESTAN, PRZESTANCIE, ZAKONCZ, PRZERWIJ, WYLACZ, ODMAWIAM, SPRZECIW
        """,
        // Dutch
        """
        STOPZETTEN, AFMELDEN, AFMELDING, MELD AF, MELD MIJ AF, UITSCHRIJVEN, UITSCHRIJVING, SCHRIJF MIJ UIT, OPZEGGEN, \
        OPZEGGING, BEEINDIGEN, BEEINDIG, EINDE, EINDIGEN, ANNULEREN, ANNULEER, INTREKKEN, VERWIJDEREN, VERWIJDER MIJ, UITZETTEN
        """,
    ]

    private static let start = [
        "START, YES, UNSTOP, OPT IN, OPTIN, RESUBSCRIBE",
        "INICIAR, INICIO, INICIE, COMENZAR, EMPEZAR, ALTA, DAR DE ALTA, DARME DE ALTA, REANUDAR, SUSCRIBIR, SUSCRIBIRME",
        "DEMARRER, DEMARREZ, COMMENCER, COMMENCEZ, REPRENDRE, REPRENEZ, REABONNER, INSCRIRE, ABONNER",
        "STARTEN, ANMELDEN, ANMELDUNG, BEGINNEN, FORTSETZEN, WIEDER ANMELDEN",
        "INICIE, COMECAR, COMECE, RETOMAR, REATIVAR, INSCREVER, CADASTRAR, VOLTAR",
        "INIZIA, INIZIARE, INIZIO, AVVIA, AVVIARE, RIPRENDI, RIPRENDERE, RIATTIVA, ISCRIVI, ISCRIVIMI, ISCRIVERMI",
        "ROZPOCZNIJ, ZACZNIJ, WZNOW, WZNOWIC, ZAPISZ, ZAPISZ MNIE, SUBSKRYBUJ, WLACZ",
        "BEGINNEN, HERVATTEN, HERVAT, AANMELDEN, AANMELDING, INSCHRIJVEN, MELD AAN",
    ]

    private static let help = [
        "HELP, INFO, HELP ME, INFORMATION",
        "AYUDA, INFORMACION, AYUDAME",
        "AIDE, AIDEZ MOI, INFOS, INFORMATIONS",
        "HILFE, INFORMATIONEN",
        "AJUDA, INFORMACAO, INFORMACOES, AJUDE",
        "AIUTO, AIUTAMI, INFORMAZIONI",
        "POMOC, POMOCY, INFORMACJA, INFORMACJE",
        "HULP, INFORMATIE",
    ]

    /// The words without those that are said for courtesy's sake.
    static func withoutCourtesies(_ words: [String]) -> [String] {
        var rest = words[...]
        var said: [String] = []
        while let word = rest.first {
            if let courtesy = courtesies.first(where: { rest.starts(with: $0) }) {
                rest = rest.dropFirst(courtesy.count)
            } else {
                said.append(word)
                rest = rest.dropFirst()
            }
        }
        return said
    }

    /// Longest first, so that "thank you" is not taken for "thank".
    private static let courtesies: [[String]] = [
        "THANK YOU VERY MUCH, THANK YOU SO MUCH, MANY THANKS, THANK YOU, THANKS, THX, TY, PLEASE, PLS, P L S, PLZ",
        "MUCHAS GRACIAS, GRACIAS, POR FAVOR, PORFA",
        "MERCI BEAUCOUP, MERCI, S IL VOUS PLAIT, S IL TE PLAIT, SIL VOUS PLAIT, SVP, S V P, STP, S T P",
        "VIELEN DANK, DANKE SCHON, DANKE SEHR, DANKE, BITTE",
        "MUITO OBRIGADO, MUITO OBRIGADA, OBRIGADO, OBRIGADA, POR FAVOR, POR GENTILEZA",
        "GRAZIE MILLE, GRAZIE, PER FAVORE, PER CORTESIA, PER PIACERE",
        "BARDZO DZIEKUJE, DZIEKUJE, DZIEKI, PROSZE",
        "DANK U WEL, DANK JE WEL, DANK U, DANK JE, BEDANKT, ALSTUBLIEFT, ALSJEBLIEFT, AUB, A U B, AJB, SVP, GRAAG",
        "HELLO, HI, HEY, DEAR SIR OR MADAM, HOLA, BONJOUR, HALLO, OLA, CIAO, DZIEN DOBRY, CZESC",
    ].flatMap { $0.split(separator: ",") }.map { $0.split(separator: " ").map { String($0) } }
        .sorted { $0.count > $1.count }
}
