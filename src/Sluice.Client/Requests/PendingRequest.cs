using System.Threading.Tasks.Sources;
using Sluice.Scheduling;

namespace Sluice.Client.Requests;

/// <summary>
/// A request from the call until the caller has its result, and the source of the caller's wait. The channel uses the object again when the caller has taken
/// the result.
/// </summary>
/// <remarks>
/// The thread that moves <see cref="Phase"/> to <see cref="RequestPhase.Ended"/>, under the channel's lock, sets the result. A cancellation cannot reach the
/// next request of the object: the caller's thread ends the registration, and waits for a callback that runs, before it gives the object back.
/// </remarks>
internal sealed class PendingRequest<TRequest, TReply> : IValueTaskSource<TReply>, IValueTaskSource, ICompletion
{
    private readonly RequestChannel<TRequest, TReply> _channel;

    // Owned by the caller's thread.
    private ManualResetValueTaskSourceCore<TReply> _core;
    private SingleUse _use;
    private CancellationTokenRegistration _registration;

    // Owned by the thread that ended the request, until Complete.
    private TReply? _reply;
    private Exception? _failure;

    public PendingRequest(RequestChannel<TRequest, TReply> channel)
    {
        _channel = channel;
        Node = new LinkedListNode<PendingRequest<TRequest, TReply>>(this);
    }

    // Guarded by the channel's lock, like all that follow: when they are read without it, the comment says why that is sound.
    public RequestPhase Phase { get; set; }

    /// <summary>The place in the backlog.</summary>
    public LinkedListNode<PendingRequest<TRequest, TReply>> Node { get; }

    /// <summary>The next free object.</summary>
    public PendingRequest<TRequest, TReply>? NextFree { get; set; }

    /// <summary>The id of the request, or its number in the order of sending. Set before the request can end; the caller's thread reads it in between.</summary>
    public long Key { get; set; }

    /// <summary>The number of the reader's wait during which a request with an id was sent.</summary>
    public long SentDuring { get; set; }

    /// <summary>Whether the peer sends no reply.</summary>
    public bool IsOneWay { get; set; }

    /// <summary>How long the request may take. As <see cref="Due"/>.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>The timestamp of the deadline. The caller's thread sets it before other threads see the object.</summary>
    public long Due { get; set; }

    /// <summary>The request, which a pipelined protocol may need to decode the reply, while it is in the backlog.</summary>
    public TRequest? Request { get; set; }

    /// <summary>The encoded request in a rented array, while it is in the backlog.</summary>
    public byte[]? Bytes { get; set; }

    /// <summary>The number of bytes of the encoded request.</summary>
    public int Length { get; set; }

    public short Version => _core.Version;

    /// <summary>The token of the caller. Set with <see cref="CancelWith"/>.</summary>
    public CancellationToken Token { get; private set; }

    /// <summary>Ends the request if the token is canceled. The caller's thread calls this once the request is queued or sent.</summary>
    public void CancelWith(CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            Token = cancellationToken;
            _registration = cancellationToken.UnsafeRegister(static pending => ((PendingRequest<TRequest, TReply>)pending!).Cancel(), this);
        }
    }

    public void SetReply(TReply reply) => _reply = reply;

    public void SetFailure(Exception failure) => _failure = failure;

    public void Complete()
    {
        if (_failure is { } failure)
        {
            _core.SetException(failure);
        }
        else
        {
            _core.SetResult(_reply!);
        }
    }

    public TReply GetResult(short token)
    {
        _use.Take(ref _core, token);
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _registration.Dispose();
            Reset();
            _channel.Return(this);
        }
    }

    void IValueTaskSource.GetResult(short token) => GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _use.OnCompleted(ref _core, continuation, state, token, flags);

    /// <summary>Prepares the object for its next request. The caller's thread calls this when no other can reach it.</summary>
    public void Reset()
    {
        _core.Reset();
        _use.Begin(_core.Version);
        _registration = default;
        Token = default;
        _reply = default;
        _failure = null;
    }

    private void Cancel() => _channel.Cancel(this);
}
