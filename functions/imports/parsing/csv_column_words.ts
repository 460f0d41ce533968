/**
 * Headers by their meaning in English, German, French, Spanish, Italian, Portuguese and Dutch, folded (lower case, no
 * accents or punctuation). A word that means different things in two languages is listed once, under the likelier.
 */
export const columnWords = {
  /** Seconds or milliseconds since 1970. */
  epoch:
    `epoch, epoch ms, unix, unix time, unix timestamp, epoch time, timestamp ms, date ms, time ms, millis`,
  /** Date and time in one. */
  moment:
    `timestamp, ts, time stamp, datetime, date time, date and time, date hour, started at, sent at, received at,
    created at, occurred at, event time, call start, call start time, call date and time, start date time, when,
    datum uhrzeit, datum und uhrzeit, datum zeit, datum und zeit, zeitpunkt, zeitstempel,
    date heure, date et heure, horodatage, date et heure d appel, date et heure de l appel,
    fecha hora, fecha y hora, marca de tiempo, fecha y hora de llamada,
    data ora, data e ora, marca temporale, data e ora chiamata,
    data hora, data e hora, carimbo de data hora,
    datum tijd, datum en tijd, tijdstempel`,
  date:
    `date, call date, start date, message date, event date, day, local date, datum, anrufdatum, tag, date d appel,
    date de l appel, date appel, jour, fecha, fecha de llamada, fecha de la llamada, dia, data, data chiamata,
    data della chiamata, giorno, data da chamada, data da ligacao, dag, gespreksdatum`,
  time:
    `time, call time, start time, time of day, start, started, begin, local time, uhrzeit, zeit, anrufzeit,
    startzeit, beginn, heure, heure d appel, heure de l appel, heure de debut, debut, hora, hora de llamada,
    hora de inicio, inicio, ora, orario, ora chiamata, ora inizio, inizio, hora da chamada, horario, hora inicio,
    tijd, tijdstip, starttijd, aanvang`,
  number:
    `number, phone number, phone, phone no, telephone, telephone number, tel, tel no, tel number, caller id,
    caller number, called number, dialed number, dialled number, other party, other number, remote number,
    remote party, contact number, msisdn, address, destination, destination number, party, mobile, mobile number, cli,
    phonenumber, number called, nummer, rufnummer, telefonnummer, telefon, tel nr, telefon nr, gegenstelle,
    handynummer, mobilnummer, teilnehmer, zielrufnummer, zielnummer, partner, numero, numero de telephone,
    no de telephone, n de telephone, correspondant, numero appele, numero correspondant, portable,
    numero de telefono, telefono, numero llamado, movil, numero di telefono, numero chiamato, cellulare, recapito,
    numero de telefone, telefone, telemovel, celular, numero discado, numero marcado, telefoonnummer, telefoon,
    tel nummer, gebeld nummer, mobiel, mobiel nummer`,
  from:
    `from, from number, caller, sender, calling number, calling party, source, von, anrufer, absender, appelant,
    expediteur, de, remitente, origen, da, mittente, chiamante, remetente, origem, van, afzender, beller`,
  to:
    `to, to number, callee, recipient, receiver, called party, an, nach, angerufener, empfanger, vers, a, appele,
    destinataire, para, destinatario, destino, destinataria, naar, aan, ontvanger, gebelde`,
  name:
    `name, contact, contact name, caller name, display name, full name, contact person, kontakt, kontaktname,
    kontaktperson, anrufername, nom, nom du contact, nom contact, nombre, contacto, nombre de contacto,
    nombre del contacto, nome, contatto, nome contatto, nome del contatto, contato, nome do contato,
    nome do contacto, naam, contactnaam, contactpersoon, naam contact`,
  type:
    `type, call type, event type, kind, record type, category, message type, service, service type, type of call,
    typ, art, anrufart, anruftyp, ereignistyp, ereignis, rufart, gesprachsart, dienst, type d appel, type appel,
    type de l appel, nature, genre, tipo, tipo de llamada, tipo llamada, tipo de evento, clase, tipo chiamata,
    tipo di chiamata, tipo de chamada, tipo de ligacao, servico, soort, gesprekstype, oproeptype, soort gesprek,
    type gesprek, type oproep`,
  direction:
    `direction, call direction, dir, in out, inbound outbound, incoming outgoing, way, flow, richtung,
    anrufrichtung, ein aus, eingehend ausgehend, sens, sens de l appel, sens appel, direccion, sentido, direzione,
    verso, senso, direcao, richting, in uit, inkomend uitgaand`,
  status: `status, call status, state, result, outcome, disposition, call result, delivery status, answered,
    ergebnis, zustand, anrufstatus, statut, etat, resultat, estado, resultado, stato, esito, risultato, situacao,
    resultaat, toestand`,
  duration:
    `duration, call duration, duration seconds, duration secs, duration in seconds, length, call length,
    talk time, billsec, seconds, secs, dauer, gesprachsdauer, anrufdauer, dauer in sekunden, lange, duree,
    duree d appel, duree de l appel, duree appel, duree en secondes, duracion, duracion de llamada,
    duracion de la llamada, durata, durata chiamata, durata della chiamata, duracao, duracao da chamada, duur,
    gespreksduur, beltijd, duur gesprek`,
  content:
    `content, body, message, text, message body, message text, message content, sms text, sms body, nachricht,
    inhalt, nachrichtentext, nachrichteninhalt, contenu, texte, corps, texte du message, contenido, mensaje, texto,
    cuerpo, texto del mensaje, contenuto, messaggio, testo, corpo, testo messaggio, conteudo, mensagem,
    texto da mensagem, inhoud, bericht, tekst, berichttekst`,
};
