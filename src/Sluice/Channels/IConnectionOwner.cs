namespace Sluice.Channels;

/// <summary>What a <see cref="Connection"/> closes.</summary>
internal interface IConnectionOwner
{
    ValueTask CloseAsync(CancellationToken cancellationToken);

    void Abort();
}
