using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to the standard input and output of this process.</summary>
internal sealed class StandardLink() : StreamLink("-", StandardStreams.OpenInput(), StandardOutput.Open())
{
    private readonly CancellationTokenSource _aborting = new();

    // A read of the standard input cannot be cancelled, so the caller does not wait for it.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _aborting.Token);
        return await Task.Run(() => base.ReadAsync(buffer, CancellationToken.None).AsTask(), CancellationToken.None).WaitAsync(ending.Token);
    }

    public override void Abort()
    {
        // It is not disposed of: a read that was left may still hold it.
        _aborting.Cancel();
        base.Abort();
    }
}
