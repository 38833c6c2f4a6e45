using System.Globalization;
using System.Text;

namespace Sluice.Cli.Output;

/// <summary>
/// Writes text of which a part may come from a peer, such as the name in its certificate: what is written as a line stays one line, and controls no terminal.
/// Text that has lines or control sequences of its own is written without <c>WriteLine</c>.
/// </summary>
/// <param name="open">Opens what it writes to, at the first write.</param>
internal sealed class LineWriter(Func<TextWriter> open) : TextWriter(CultureInfo.InvariantCulture)
{
    private readonly Lazy<TextWriter> _writer = new(open);

    public override Encoding Encoding => _writer.Value.Encoding;

    public override void Write(char value) => _writer.Value.Write(value);

    public override void Write(string? value) => _writer.Value.Write(value);

    public override void Write(char[] buffer, int index, int count) => _writer.Value.Write(buffer, index, count);

    public override void WriteLine() => _writer.Value.WriteLine();

    public override void WriteLine(string? value) => _writer.Value.WriteLine(EscapedText.Printable(value ?? string.Empty));

    public override void WriteLine(ReadOnlySpan<char> buffer) => WriteLine(buffer.ToString());

    public override void Flush() => _writer.Value.Flush();
}
