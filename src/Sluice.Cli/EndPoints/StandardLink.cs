using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to the standard input and output of this process.</summary>
internal sealed class StandardLink() : StreamLink("-", StandardStreams.OpenInput(), StandardOutput.Open())
{
    // A read of the standard input cannot be cancelled, so the caller does not wait for it.
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        Task<int> reading = Task.Run(() => base.ReadAsync(buffer, CancellationToken.None).AsTask(), CancellationToken.None);
        return new ValueTask<int>(reading.WaitAsync(cancellationToken));
    }
}
