namespace Sluice;

// Reads with the token that is cancelled when the server stops (`Connection.Stopping`).
// Such a token cancels only a wait. A read still returns a request that is in the buffer, or that the system holds: one more receive takes it.
// There is no second receive, so that a peer that never pauses cannot keep the server running. Under TLS, that receive may bring several records, each with a
// request: reads return them all.
public sealed partial class ByteReadChannel
{
    // Set by the server before the handler reads; afterwards used by the reader. The closing thread ends the registration.
    private CancellationToken _stopping;

    // Created by the first wait and kept: it ends all later waits as well, which then need no registration of their own.
    private CancellationTokenRegistration _stopRegistration;
    private bool _watchesStop;
    private bool _lastReceiveBegun;

    /// <summary>Gets or sets the token that is cancelled when the server stops. Set only while no read is in progress.</summary>
    internal CancellationToken Stopping
    {
        get => _slice?.Inner.Stopping ?? _stopping;
        set
        {
            _stopRegistration.Unregister();
            _watchesStop = false;
            _lastReceiveBegun = false;
            _stopping = value;
        }
    }

    /// <summary>Gets a value indicating whether <see cref="SignalReadable"/> has an effect.</summary>
    internal bool IsSignallable => _source.IsSignallable;

    /// <summary>Ends the wait in progress, or the next one, as if bytes had come. Any thread may call this.</summary>
    internal void SignalReadable() => _source.SignalReadable();

    /// <summary>Whether a read with this token is cancelled before it looks at the buffer.</summary>
    internal bool IsRefusedBy(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested && cancellationToken != Stopping;

    /// <summary>Allows one more receive to a read whose token is cancelled and whose result is not in the buffer.</summary>
    /// <exception cref="OperationCanceledException">That receive was made before, and all that it has brought is read.</exception>
    internal void BeginLastReceive(CancellationToken cancellationToken)
    {
        if (_slice is not null)
        {
            _slice.Inner.BeginLastReceive(cancellationToken);
            return;
        }

        if (_lastReceiveBegun && !_source.HoldsReceived)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        _lastReceiveBegun = true;
        SignalReadable();
    }

    /// <summary>Gets the token for a wait. The server's token ends the wait by a signal instead, after which the read receives once more.</summary>
    private CancellationToken TokenOfWait(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled || cancellationToken != _stopping || !IsSignallable)
        {
            return cancellationToken;
        }

        if (cancellationToken.IsCancellationRequested)
        {
            if (_lastReceiveBegun)
            {
                return cancellationToken;
            }

            // Cancelled after the receive that found nothing: a request may have come between the two.
            BeginLastReceive(cancellationToken);
        }
        else if (!_watchesStop)
        {
            _watchesStop = true;
            _stopRegistration = cancellationToken.UnsafeRegister(static channel => ((ByteReadChannel)channel!).SignalReadable(), this);
        }

        return CancellationToken.None;
    }

    private void ForgetStop() => _stopRegistration.Unregister();
}
