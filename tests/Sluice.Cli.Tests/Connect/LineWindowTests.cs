using Sluice.Cli.Connect;

namespace Sluice.Cli.Tests.Connect;

[TestFixture]
public sealed class LineWindowTests
{
    [TestCase("short", 5, 10, "short", 0)]
    [TestCase("short", 2, 10, "short", 3)]
    [TestCase("0123456789", 10, 10, "0123456789", 0)]
    [TestCase("0123456789abcdef", 16, 10, "9abcdef", 0, Description = "The end of a line leaves room to type.")]
    [TestCase("0123456789abcdef", 0, 10, "0123456789", 10)]
    [TestCase("0123456789abcdef", 9, 10, "23456789ab", 3)]
    [TestCase("日本語テスト", 6, 12, "日本語テスト", 0)]
    [TestCase("日本語テスト", 4, 12, "日本語テスト", 4)]
    [TestCase("日本語テスト", 6, 8, "テスト", 0)]
    [TestCase("日本語", 0, 5, "日本", 4)]
    [TestCase("e\u0301👍x", 2, 10, "e\u0301👍x", 3)]
    [TestCase("a\tb", 3, 10, "a b", 0)]
    [TestCase("", 0, 1, "", 0)]
    public void The_part_around_the_cursor_is_shown(string line, int cursor, int cells, string text, int behind) =>
        Assert.That(LineWindow.Of(line, cursor, cells), Is.EqualTo(new LineWindow(text, behind)));

    [TestCase("login: ", 10, "login: ")]
    [TestCase("0123456789", 10, "0123456789")]
    [TestCase("0123456789login: ", 10, "login: ")]
    [TestCase("0123456日本", 8, "日本")]
    [TestCase("", 8, "")]
    public void Of_a_long_prompt_the_last_row_is_drawn_again(string prompt, int width, string row) => Assert.That(LineWindow.LastRow(prompt, width), Is.EqualTo(row));

    [TestCase("⌚⚡☔⏩✅❌⭐🀄🟢🏁🫠ｱ", 23)]
    [TestCase("日本語テスト，한국어𠀀〇", 24)]
    [TestCase("aé→✓☎½Ω", 7)]
    [TestCase("e\u0301\u200b", 1)]
    [TestCase("🇩🇪", 2)]
    [TestCase("❤\ufe0f❤", 3)]
    public void A_wide_character_takes_two_cells(string text, int cells) => Assert.That(LineWindow.CellsOf(text), Is.EqualTo(cells));

    [Test]
    public void A_character_is_one_step_with_its_marks_and_surrogates()
    {
        var line = new LineBuffer(new LineHistory());
        foreach (char character in "e\u0301👍x")
        {
            line.Apply(new ConsoleKeyInfo(character, ConsoleKey.None, shift: false, alt: false, control: false));
        }

        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.Backspace);
        Assert.That((line.Text, line.Cursor), Is.EqualTo(("e\u0301x", 2)));
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.Delete);
        Assert.That((line.Text, line.Cursor), Is.EqualTo(("x", 0)));

        void Press(ConsoleKey key) => line.Apply(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));
    }
}
