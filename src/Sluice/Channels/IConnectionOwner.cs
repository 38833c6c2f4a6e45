using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>What a <see cref="Connection"/> closes.</summary>
internal interface IConnectionOwner
{
    ValueTask CloseAsync(CancellationToken cancellationToken);

    void Abort();

    /// <summary>Where what waits on the connection goes on.</summary>
    IScheduler Scheduler { get; }

    TimeProvider TimeProvider { get; }

    /// <summary>Puts a layer on the connection, which is closed before it.</summary>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed.</exception>
    void SetLayer(IConnectionLayer layer);
}
