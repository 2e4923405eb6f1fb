import type { Language } from '../language.js';

const words = (text: string): string[] => text.split(/\s*,\s*/);

/** English. */
export const ENGLISH: Language = {
  code: 'en',
  topics: {
    health: {
      strong: words(
        `abortion, addiction clinic, adhd, aids test, alcoholic, alcoholism, alzheimer, alzheimers, anaemia, anemia, anorexia,
        anorexic, antibiotic, anticoagulant, antidepressant, antipsychotic, anxiety disorder, arthritis, asthma, asthmatic,
        autism, autistic, biopsy, bipolar, blood pressure, blood sugar, blood test, breast cancer, bulimia, caesarean,
        cancer treatment, cerebral palsy, chemo, chemotherapy, chlamydia, chronic pain, cholesterol, cirrhosis, citalopram,
        clinical depression, colonoscopy, contraceptive pill, copd, crohn's, cystic fibrosis, dementia, diabetes, diabetic,
        dialysis, down syndrome, dyslexia, dyslexic, eating disorder, eczema, endometriosis, epilepsy, epileptic, epipen,
        fertility treatment, fibromyalgia, fluoxetine, gastroenterologist, gonorrhoea, gynaecologist, gynecologist, haemophilia,
        heart attack, heart condition, heart disease, heart failure, hearing aid, hepatitis, hernia, herniated, herpes, hiv,
        hypertension, hypothyroidism, ibuprofen, inhaler, insomnia, insulin, ivf, kidney disease, leukaemia, leukemia, lithium carbonate,
        lupus, lymphoma, mastectomy, melanoma, menopause, mental illness, metformin, methadone, migraine, miscarriage, miscarriages,
        mri, multiple sclerosis, nervous breakdown, nut allergy, obese, obesity, ocd, oncologist, oncology, opioid, overdose,
        panic attack, panic disorder, paracetamol, parkinson's, peanut allergy, penicillin, postnatal depression, pregnancy,
        pregnant, prozac, psoriasis, psychiatric, psychiatrist, psychosis, psychotic, ptsd, radiotherapy, rehab, rheumatism,
        schizophrenia, schizophrenic, sclerosis, seizure, self-harm, self harm, sertraline, sexually transmitted, sleep apnoea, sleep apnea, smear test,
        sober for, statin, std test, stroke ward, suicidal, suicide attempt, syphilis, therapist, thyroid, tuberculosis,
        tumour, tumor, ulcerative, vasectomy, viagra, warfarin, xanax, hashimoto's, levothyroxine, ramipril,
        prosthesis, tested positive, cutting myself, hurt myself, kill myself, hearing loss, allergy shot, allergic to penicillin,
        allergic reaction, anaphylaxis, anaphylactic, depressed since, severe depression, prescription for`,
      ),
      weak: words(
        `ached, ache, allergic, allergy, ambulance, anxiety, bleeding, cancer, clinic, counsellor, counselor, cure, depressed, depression,
        dermatologist, diagnosed, diagnosis, disability, disabled, disease, disorder, doctor, dose, gp, heart, hospital,
        illness, infection, injection, kidney, liver, lung, medication, medicine, meds, mg, neurologist, nurse, operation,
        pain, patient, physio, physiotherapist, pill, pills, prescribed, prescription, relapse, scan, sick leave, sober, specialist, stitches,
        sugar level, surgeon, surgery, surgical, symptom, syndrome, tablet, test result, therapy, treatment, vaccinated, vaccine, virus,
        vomiting, ward, wheelchair, wound, x-ray, aa meeting, booster, sleeping, kilos, aspirin`,
      ),
    },
    money: {
      strong: words(
        `annual income, back taxes, bailiff, bank balance, bankrupt, bankruptcy, behind on the mortgage, behind on the rent, behind on rent,
        credit rating, credit score, debt collector, disposable income, evicted, eviction, food bank, food stamps, foreclosure,
        gambling debt, gross income, housing benefit, household income, in debt, insolvency, insolvent, my salary, her salary, his salary, their salary,
        mortgage arrears, net worth, on benefits, overdraft, overdrawn, payday loan, payslip, pay slip, pay rise, pay raise, repossessed, salary is, salary of,
        salary was, student debt, student loan, take-home pay, tax debt, tax evasion, tax return, taxable income, unemployment benefit,
        unemployment benefits, welfare payments, universal credit`,
      ),
      weak: words(
        `#amount, #thousands, amount owed, balance, bonus, borrowed, broker, creditor, debt, dividend, earn, earns, earned, earning, finances,
        gross, income, index fund, inheritance, inherited, instalment, instalments, installments, invested, investment, loan, mortgage, minimum payment, owe, owes, owed,
        payday, pension, portfolio, salary, saved up, savings, severance, shares, wage, before tax, after tax, per month gross, debts, maxed out, credit card`,
      ),
    },
    legal: {
      strong: words(
        `adoption papers, alimony, arrested, asylum, bail hearing, charged with, child support, community service order, convicted, conviction for,
        court hearing, court order, criminal charge, criminal charges, criminal record, custody battle, custody of, deportation, deported, divorce lawyer, divorce papers,
        domestic abuse, domestic violence, drink driving, drunk driving, embezzlement, felony, getting divorced, getting a divorce, filed for divorce, green card application,
        house arrest, last will, immigration status, in custody, in jail, in prison, indicted, indictment, lawsuit, legal dispute, malpractice, misdemeanor, my lawyer,
        his lawyer, her lawyer, their lawyer, my attorney, my solicitor, nda, non-disclosure, nondisclosure, on parole, on probation, out of court settlement, overstayed,
        parole officer, paternity suit, plead guilty, pleaded guilty, plea deal, pled guilty, power of attorney, press charges, prison sentence, probation officer, prosecuted,
        raped, refugee status, residence permit, restraining order, sentenced to, settlement agreement, sexual assault, sexually assaulted, sexual harassment, shoplifting, subpoena, subpoenaed,
        suing, sued, undocumented, visa expired, wrongful dismissal`,
      ),
      weak: words(
        `accused, allegation, appeal, attorney, charges, confidential, court, crime, custody, defendant, divorce, divorced, evidence,
        fraud, guilty, hearing, immigration, inheritance, judge, jury, lawyer, legal action, licence, litigation, merger, offence, plaintiff,
        police, prosecutor, settlement, solicitor, testify, testimony, theft, trial, tribunal, verdict, visa, witness, ex-husband, ex-wife, hit her, hit me`,
      ),
    },
  },
  neutral: words(
    `balance bike, bank of knowledge, basketball court, be patient, blood orange, bonus level, bonus point, bonus track, broken heart, by heart,
    case of wine, change of heart, court shoe, court shoes, cross my heart, dose of humour, dose of luck, dose of sunshine, drawing tablet, food court,
    free trial, great depression, graphics tablet, guilty pleasure, heart goes out, heart of gold, heart of the city, heart of the matter, heart-shaped, hearts go out,
    in the heart of, is patient, judge of character, jury is still out, learn by heart, loan word, medicine ball, most patient, operating system, pain in the neck,
    patient approach, portfolio website, prison break, qr scan, scan a, scan the, shot in the arm, sick of, sleeping bag, sleeping car,
    stock cube, take to heart, tennis court, trial and error, trial period, trial run, trial version, very patient, virus scanner, work-life balance,
    young at heart, doctor who, court jester, badminton court, squash court, design portfolio, shares a, she shares, he shares, shares the`,
  ),
  cues: {
    card: 'credit card|debit card|card|visa|mastercard|amex|american express|discover|diners|jcb|maestro|cvc|cvv|expires|expiry|charge',
    otherNumber:
      'order|orders|tracking|parcel|shipment|invoice|isbn|imei|serial|reference|ref|ticket|booking|part|sku|model|article|barcode|ean|licence key|coordinates|build|version|timestamp|nanoseconds',
    bankAccount: 'account|acct|a/c|routing|sort code',
    officialNumber:
      "passport|driver'?s licen[cs]e|driving licen[cs]e|licen[cs]e number|a-number|alien number|national id|identity card|id card|id number|tax id|tin|ni number|national insurance|social security|ssn|social insurance|steuer-id|nhs number|medicare number|residence permit",
    phone: 'phone|tel|telephone|call|mobile|cell|whatsapp|signal|number|text|fax|ring|reach|sms',
    password:
      'password|passwd|pwd|pw|passcode|login|credential|credentials|secret|secret key|api key|api_key|apikey|access key|access token|token|auth',
    code: 'pin|pin code|passcode|alarm code|door code|gate code|entry code|access code|unlock code|safe code|combination|unlocks|security code|lock code|keypad code',
    phrase: 'passphrase|pass phrase|seed phrase|recovery phrase|recovery words|mnemonic',
    linking: 'is|are|was|to|with|now|changed to|set to',
    street:
      'Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Close|Crescent|Terrace|Square|Place|Way|Parkway|Highway|Gardens|Grove|Mews',
  },
};
