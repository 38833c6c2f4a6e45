namespace Sluice;

/// <summary>Reads that are given the token which says that the server stops (<see cref="Connection.Stopping"/>).</summary>
/// <remarks>
/// Such a token ends the wait for what has not come. What has come is still read with it: requests that are in the buffer, and those that the
/// system has, for which one more receive is made. A peer that never pauses gets no further than that.
/// </remarks>
public abstract partial class ByteReadChannel
{
    private CancellationToken _stopping;

    // Made by the first wait, and kept: it ends this one and all later ones, which then need none of their own.
    private CancellationTokenRegistration _stopRegistration;
    private bool _watchesStop;
    private bool _lastReceiveBegun;

    /// <summary>The token that says that the server stops. To be set while nobody reads.</summary>
    internal CancellationToken Stopping
    {
        get => _inner?.Stopping ?? _stopping;
        set
        {
            _stopRegistration.Unregister();
            _watchesStop = false;
            _lastReceiveBegun = false;
            _stopping = value;
        }
    }

    /// <summary>Whether <see cref="SignalReceivable"/> works here.</summary>
    internal virtual bool IsSignallable => false;

    /// <summary>Ends the wait in progress, or the next one, as if something had come, and has the next receive ask the system.</summary>
    internal virtual void SignalReceivable()
    {
    }

    /// <summary>Whether a read that begins with this token is cancelled, whatever is in the buffer.</summary>
    private bool IsRefusedBy(CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested && cancellationToken != Stopping;

    /// <summary>The buffer does not have what the read looks for, and its token is cancelled.</summary>
    /// <exception cref="OperationCanceledException">What the system had was received before.</exception>
    private void BeginLastReceive(CancellationToken cancellationToken)
    {
        if (_inner is { } inner)
        {
            inner.BeginLastReceive(cancellationToken);
            return;
        }

        if (_lastReceiveBegun)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        _lastReceiveBegun = true;
        SignalReceivable();
    }

    /// <summary>The token for a wait: the one that says that the server stops ends it by a signal, so that what has come is seen first.</summary>
    private CancellationToken TokenOfWait(CancellationToken cancellationToken)
    {
        if (!cancellationToken.CanBeCanceled || cancellationToken != _stopping || cancellationToken.IsCancellationRequested || !IsSignallable)
        {
            return cancellationToken;
        }

        if (!_watchesStop)
        {
            _watchesStop = true;
            _stopRegistration = cancellationToken.UnsafeRegister(static channel => ((ByteReadChannel)channel!).SignalReceivable(), this);
        }

        return CancellationToken.None;
    }

    private void ForgetStop() => _stopRegistration.Unregister();
}
