using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Prints what is received, byte for byte.</summary>
internal sealed class PlainDisplay : Display
{
    private readonly Stream _output = StandardOutput.Open();

    public override async ValueTask ReceivedAsync(ReadOnlyMemory<byte> bytes)
    {
        await _output.WriteAsync(bytes);
        await _output.FlushAsync();
    }

    public override void Dispose()
    {
        _output.Dispose();
        base.Dispose();
    }
}
