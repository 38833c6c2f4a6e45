using Sluice.Cli.Connect;

namespace Sluice.Cli.Tests.Connect;

[TestFixture]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class LineBufferTests
{
    private readonly LineBuffer _line = new(new LineHistory());

    [Test]
    public void Keys_edit_the_line_as_in_a_shell()
    {
        Type("hello wirld");
        Press(ConsoleKey.LeftArrow, times: 3);
        Press(ConsoleKey.Backspace);
        Type("o");
        Assert.That((_line.Text, _line.Cursor), Is.EqualTo(("hello world", 8)));
        Control(ConsoleKey.A);
        Press(ConsoleKey.Delete);
        Type("H");
        Control(ConsoleKey.E);
        Control(ConsoleKey.W);
        Assert.That(_line.Text, Is.EqualTo("Hello "));
        Control(ConsoleKey.U);
        Assert.That((_line.Text, _line.Cursor), Is.EqualTo(("", 0)));
    }

    [Test]
    public void The_rest_of_a_line_is_cut_off()
    {
        Type("one two");
        Press(ConsoleKey.Home);
        Press(ConsoleKey.RightArrow, times: 3);
        Control(ConsoleKey.K);
        Assert.That(_line.Take(), Is.EqualTo("one"));
    }

    [Test]
    public void The_history_gives_lines_back_and_keeps_the_draft()
    {
        Type("first");
        _line.Take();
        Type("second");
        _line.Take();
        Type("draft");
        Press(ConsoleKey.UpArrow);
        Assert.That(_line.Text, Is.EqualTo("second"));
        Press(ConsoleKey.UpArrow, times: 2);
        Assert.That(_line.Text, Is.EqualTo("first"));
        Press(ConsoleKey.DownArrow, times: 2);
        Assert.That(_line.Text, Is.EqualTo("draft"));
        Press(ConsoleKey.DownArrow);
        Assert.That(_line.Text, Is.EqualTo("draft"));
    }

    [Test]
    public void The_cursor_moves_by_words()
    {
        Type("one  two three");
        Alt(ConsoleKey.B);
        Alt(ConsoleKey.B);
        Assert.That(_line.Cursor, Is.EqualTo(5));
        Alt(ConsoleKey.F);
        Assert.That(_line.Cursor, Is.EqualTo(8));
        Control(ConsoleKey.LeftArrow);
        Control(ConsoleKey.LeftArrow);
        Assert.That(_line.Cursor, Is.Zero);
        Control(ConsoleKey.RightArrow);
        Assert.That(_line.Cursor, Is.EqualTo(3));
        Control(ConsoleKey.RightArrow);
        Control(ConsoleKey.RightArrow);
        Control(ConsoleKey.RightArrow);
        Assert.That((_line.Text, _line.Cursor), Is.EqualTo(("one  two three", 14)));
        Alt(ConsoleKey.Backspace);
        Alt(ConsoleKey.B);
        Alt(ConsoleKey.D);
        Assert.That((_line.Text, _line.Cursor), Is.EqualTo(("one   ", 5)));
    }

    [Test]
    public void Alt_and_control_together_type_a_character()
    {
        _line.Apply(new ConsoleKeyInfo('@', ConsoleKey.Q, shift: false, alt: true, control: true));
        Assert.That(_line.Text, Is.EqualTo("@"));
    }

    [Test]
    public void Keys_at_the_ends_do_nothing()
    {
        Press(ConsoleKey.Backspace);
        Press(ConsoleKey.Delete);
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.RightArrow);
        Press(ConsoleKey.UpArrow);
        Control(ConsoleKey.W);
        Control(ConsoleKey.D);
        Assert.That((_line.Text, _line.Cursor), Is.EqualTo(("", 0)));
    }

    private void Type(string text)
    {
        foreach (char character in text)
        {
            _line.Apply(new ConsoleKeyInfo(character, ConsoleKey.None, shift: false, alt: false, control: false));
        }
    }

    private void Press(ConsoleKey key, int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            _line.Apply(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));
        }
    }

    private void Alt(ConsoleKey key) => _line.Apply(new ConsoleKeyInfo((char)('a' + (key - ConsoleKey.A)), key, shift: false, alt: true, control: false));

    private void Control(ConsoleKey key) => _line.Apply(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: true));
}
