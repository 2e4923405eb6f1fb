import { describe, expect, test } from '@jest/globals';
import { loadLanguages } from '../../src/search/languages.js';
import { Proposals } from '../../src/search/proposals.js';
import { ViewIndex } from '../../src/search/view-index.js';
import { isQuestion, wordsOf } from '../../src/search/words.js';

const languages = await loadLanguages();

function best(texts: readonly string[], query: string): string | undefined {
  const index = new ViewIndex(languages);
  texts.forEach((content, i) => index.put({ id: String(i), content }));
  const id = new Proposals(index, { text: query, mode: 'lexical' }).take(1)[0]?.id;
  return id === undefined ? undefined : texts[Number(id)];
}

const OTHERS = [
  'The ferry leaves at nine from the old harbour.',
  'Der Zug nach Hamburg hat heute leider eine Stunde Verspätung.',
  'Ma voisine a repeint sa porte en bleu pendant les vacances.',
];

// What is asked shares the words in other forms: stems, accents, cases.
const CASES: readonly (readonly [language: string, text: string, query: string])[] = [
  ['English', 'She has been painting sunsets since the adoption papers came.', 'When did she paint the sunset?'],
  ['English genitive', "It is Caroline's favourite necklace.", 'the necklace of Caroline'],
  ['German', 'Meine Schwester hat sich zwei kleine Hunde aus dem Tierheim geholt.', 'Welche Hunde hat die Schwester?'],
  ['French', "L'école de mon fils organise une sortie à la mer avec les élèves.", "Quelle sortie prépare l'ecole?"],
  [
    'Spanish',
    'Mi hermano está estudiando para los exámenes de medicina en Sevilla.',
    '¿Para qué examen estudia el hermano?',
  ],
  [
    'Italian',
    'La nonna prepara sempre le lasagne quando i nipoti vengono a pranzo.',
    'Che cosa prepara la nonna per il nipote?',
  ],
  ['Portuguese', 'O meu vizinho comprou uma bicicleta nova para os filhos dele.', 'Quem comprou bicicletas?'],
  [
    'Dutch',
    'Mijn broer heeft vorige maand een oude fiets gekocht van de buren.',
    'Welke fietsen heeft mijn broer gekocht?',
  ],
  ['Swedish', 'Min syster har köpt en stuga vid sjön och vi åker dit på sommaren.', 'Vem har köpt stugan vid sjön?'],
  ['Turkish', 'Annem bu hafta sonu için çok güzel bir börek yaptı ve komşulara da verdi.', 'Börekleri kim yaptı?'],
  ['Russian', 'Моя сестра купила новую собаку и гуляет с ней по утрам.', 'Какую собаку купила сестра?'],
  ['Greek', 'Η αδελφή μου αγόρασε ένα σκύλο και τον πηγαίνει βόλτα κάθε πρωί.', 'Ποιος αγόρασε σκύλο;'],
  ['Arabic', 'اشترت أختي كلبا صغيرا وهي تمشي معه كل صباح', 'كلب أختي صغير'],
  ['Hindi', 'मेरी बहन ने एक छोटा कुत्ता खरीदा है और वह रोज़ सुबह घूमने जाती है', 'कुत्ता किसने खरीदा'],
  ['Chinese', '我妹妹去年在北京大学学习中文。', '她在哪里学习中文？'],
  ['Japanese', '東京に住んでいる友達と昨日寿司を食べました。', '寿司を食べたのはいつですか'],
  ['Thai', 'ฉันชอบกินข้าวผัดกับเพื่อนที่ตลาด', 'ใครกินข้าวผัด'],
  ['Korean', '제 여동생은 작년에 서울 대학교에서 공부했습니다', '서울 대학교'],
];

describe('languages', () => {
  test.each(CASES)('%s: a memory is found by words in another form', (_, text, query) => {
    expect(best([...OTHERS, text], query)).toBe(text);
  });

  test('scripts without spaces are cut into words by dictionary, and Latin words beside them stay whole', () => {
    expect(wordsOf('我昨天在北京大学用iPhone学习').map(({ text }) => text)).toEqual(
      expect.arrayContaining(['昨天', '北京', 'iphone', '学习']),
    );
    expect(wordsOf('ฉันชอบกินข้าวผัด').length).toBeGreaterThan(3);
    for (const { text, start, end } of wordsOf('我昨天在 Zürich 学习 the ﬁne café’s menu'))
      expect([text, end > start]).toEqual([text, true]);
  });

  test('offsets are those of the text, whatever its characters', () => {
    const text = '😀 Zürich’s ﬁsh — 東京 ０１';
    for (const { text: word, start, end } of wordsOf(text))
      expect(text.slice(start, end).normalize('NFKC').toLowerCase().replace('’', "'")).toBe(word);
  });

  test('one stop word of another language changes nothing; a view of several languages is found in each', () => {
    expect(best(['gardening with a dog', 'nothing here'], 'dog')).toBe('gardening with a dog');
    const texts = CASES.map(([, text]) => text);
    for (const [language, text, query] of CASES) expect([language, best(texts, query)]).toEqual([language, text]);
  });

  test('a query of stop words alone counts all the same', () => {
    expect(best(['to be or not to be', 'a lamp'], 'to be')).toBeUndefined();
    expect(best(['The Who played in Leeds', 'a lamp'], 'The Who in Leeds')).toBe('The Who played in Leeds');
  });

  test('a question is told by its last sentence, in every script', () => {
    for (const text of ['Where?', 'I see. Where is it?', 'どこですか？', 'هل أنت هنا؟', 'Where? [a photo of a dog]'])
      expect([text, isQuestion(text)]).toEqual([text, true]);
    for (const text of ['Where? There.', 'Here!', '', 'Nobody asks'])
      expect([text, isQuestion(text)]).toEqual([text, false]);
  });
});
