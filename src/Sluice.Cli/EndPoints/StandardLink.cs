using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>A link to the standard input and output of this process.</summary>
internal sealed class StandardLink() : StreamLink("-", StandardStreams.OpenInput(), StandardOutput.Open())
{
    // A reader that is only slow still takes what was written to it before the end.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    // They are not disposed of: a read or a write that was left may still hold them.
    private readonly CancellationTokenSource _aborting = new();
    private readonly CancellationTokenSource _abandoning = new();

    // A read of the standard input cannot be cancelled, so the caller does not wait for it.
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _aborting.Token);
        return await Task.Run(() => base.ReadAsync(buffer, CancellationToken.None).AsTask(), CancellationToken.None).WaitAsync(ending.Token);
    }

    // Nor can a write, which waits as long as the reader of the standard output takes nothing. The bytes are the ones that the caller leaves with it.
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _abandoning.Token);
        await base.WriteAsync(bytes, CancellationToken.None).AsTask().WaitAsync(ending.Token);
    }

    public override void Abort()
    {
        _aborting.Cancel();
        _abandoning.CancelAfter(s_patience);
        base.Abort();
    }
}
