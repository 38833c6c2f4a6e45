using Sluice.Cli.Connect;

namespace Sluice.Cli.Tests.Connect;

[TestFixture]
public sealed class TerminalDisplayTests
{
    [Test]
    public async Task What_the_server_sends_goes_above_a_line_of_which_a_part_is_shown()
    {
        var terminal = new ScriptedTerminal(width: 10);
        using var display = new TerminalDisplay(terminal);
        await display.ReceivedAsync("> "u8.ToArray());
        terminal.Type("0123456789\r");
        Assert.That(display.ReadLine(), Is.EqualTo("0123456789"));

        // The last key and Enter: the part of the line with the cursor, and then the whole line.
        Assert.That(terminal.Written, Does.EndWith("\r\e[K> 56789\r\e[K> 0123456789\r\n"));
        await display.ReceivedAsync("\e[31mlong prompt\e[0m: "u8.ToArray());
        terminal.Type("x\r");
        Assert.That(display.ReadLine(), Is.EqualTo("x"));
        Assert.That(terminal.Written, Does.EndWith("\e[31mlong prompt\e[0m: \r\e[Kt: x\r\e[Kt: x\r\n"));
    }
}
