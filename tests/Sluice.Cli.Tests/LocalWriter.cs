using System.Text;

namespace Sluice.Cli.Tests;

/// <summary>Writes to the writer of the command that writes, and elsewhere if none runs here.</summary>
internal sealed class LocalWriter(AsyncLocal<TextWriter?> local, TextWriter elsewhere) : TextWriter
{
    public override Encoding Encoding => elsewhere.Encoding;

    private TextWriter Current => local.Value ?? elsewhere;

    public override void Write(char value) => Current.Write(value);

    public override void Write(string? value) => Current.Write(value);

    public override void Write(char[] buffer, int index, int count) => Current.Write(buffer, index, count);

    public override void Flush() => Current.Flush();
}
