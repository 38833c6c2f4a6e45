using System.Threading.Channels;
using Sluice.Client.Requests;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>
/// Sends the requests of many callers over one connection, and hands each caller its reply: in the order of the requests, or by an id in the messages.
/// </summary>
/// <remarks>
/// <para>Any number of threads may send at once. Requests that are sent at about the same time leave together, and so do the next requests of callers whose
/// replies came together. A request that times out or is canceled does not disturb the others: its reply is discarded.</para>
/// <para>Callers continue on the event loop of the connection, as after a read from it, so that their next requests leave together. A caller that blocks or
/// computes there holds up the others for a few milliseconds at most: the loop, or the rest of the callers, moves to another thread. Where loops cannot
/// be moved (<see cref="SelectorOptions.HandoffAfter"/> is infinite, or the portable engine), callers continue on the thread pool.</para>
/// <para>When the connection ends, each pending request fails with a <see cref="RequestException"/>, which says whether the request may have been sent.</para>
/// </remarks>
/// <typeparam name="TRequest">The type of a request.</typeparam>
/// <typeparam name="TReply">The type of a reply, and of a message that the peer sends without a request.</typeparam>
public sealed partial class RequestChannel<TRequest, TReply> : IConnectionSession
{
    private readonly Lock _lock = new();
    private readonly Connection _connection;
    private readonly ByteWriteChannel _output;
    private readonly ReplyMatcher<TRequest, TReply> _matcher;
    private readonly CompletionQueue _completions;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _timeout;

    // In units of the clock, which may be the user's, and so is not called under the lock.
    private readonly long _frequency;
    private readonly long _resolutionTicks;
    private readonly int _maxInFlight;
    private readonly int _maxQueued;
    private readonly int _maxQueuedBytes;

    // Guarded by _lock.
    private PendingRequest<TRequest, TReply>? _free;
    private int _freeCount;

    private RequestChannel(Connection connection, ReplyMatcher<TRequest, TReply> matcher, RequestChannelOptions options)
    {
        _connection = connection;
        _output = connection.Output;
        _matcher = matcher;
        _timeProvider = options.TimeProvider ?? connection.Owner.TimeProvider;
        _completions = new CompletionQueue(_timeProvider);
        _timeout = options.RequestTimeout;
        _frequency = _timeProvider.TimestampFrequency;
        _resolutionTicks = Ticks(s_resolution);
        _maxInFlight = options.MaxInFlight;
        _maxQueued = options.MaxQueued;
        _maxQueuedBytes = options.MaxQueuedBytes;
        _deadline = new SharedTimer(_timeProvider, GetSchedule, ExpireRequests);
        _reader = new ReplyReader<TRequest, TReply>(this, matcher, options);
        _lastReceive = _timeProvider.GetTimestamp();
    }

    /// <summary>
    /// Gets the messages that the peer sends without a request. It ends when the connection does, with an exception if that failed. If they are not read,
    /// <see cref="RequestChannelOptions.PushOverflow"/> says what happens.
    /// </summary>
    public ChannelReader<TReply> Pushes => _reader.Pushes;

    /// <summary>Gets the number of messages without a request that were dropped because they were not read in time.</summary>
    public long DroppedPushes => _reader.DroppedPushes;

    /// <summary>Gets the number of requests that are sent and unanswered.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
            {
                return _matcher.InFlight;
            }
        }
    }

    /// <summary>Gets the number of requests that wait to be sent.</summary>
    public int Queued
    {
        get
        {
            lock (_lock)
            {
                return _backlog.Count;
            }
        }
    }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <param name="request">The request. It is encoded before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait. The connection stays usable: if the request was sent already, its reply is discarded.</param>
    /// <returns>The reply. To be awaited once.</returns>
    /// <exception cref="RequestException">
    /// The connection failed, was closed by the peer, or is disposed of; the request timed out; or too many requests wait to be sent.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<TReply> SendAsync(TRequest request, CancellationToken cancellationToken = default) =>
        SendCoreAsync(request, _timeout, cancellationToken);

    /// <summary>Sends a request and waits for its reply, for a time of its own: for requests that the peer answers late by their nature.</summary>
    /// <param name="request">The request. It is encoded before the call returns.</param>
    /// <param name="timeout">
    /// How long the request may take, instead of <see cref="RequestChannelOptions.RequestTimeout"/>. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </param>
    /// <param name="cancellationToken">Ends the wait. The connection stays usable: if the request was sent already, its reply is discarded.</param>
    /// <returns>The reply. To be awaited once.</returns>
    /// <exception cref="RequestException">
    /// The connection failed, was closed by the peer, or is disposed of; the request timed out; or too many requests wait to be sent.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<TReply> SendAsync(TRequest request, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        SendCoreAsync(request, Durations.ThrowIfNotPositive(timeout, allowInfinite: true), cancellationToken);

    /// <summary>Sends a message that the peer does not answer.</summary>
    /// <param name="message">The message. It is encoded before the call returns.</param>
    /// <param name="cancellationToken">Ends the wait for room. The message is not sent then, unless its bytes are on their way already.</param>
    /// <returns>A task that completes when the message is in the connection's buffer. To be awaited once.</returns>
    /// <exception cref="RequestException">
    /// The connection failed, was closed by the peer, or is disposed of; there was no room in time; or too many requests wait to be sent.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask PostAsync(TRequest message, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            if (Start(message, isOneWay: true, _timeout) is not { } pending)
            {
                return ValueTask.CompletedTask;
            }

            pending.CancelWith(cancellationToken);
            return new ValueTask(pending, pending.Version);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException(exception);
        }
    }

    internal static RequestChannel<TRequest, TReply> Start(Connection connection, ReplyMatcher<TRequest, TReply> matcher, RequestChannelOptions options)
    {
        var channel = new RequestChannel<TRequest, TReply>(connection, matcher, options);
        channel._reading = Background.Start(channel.ReadAsync);
        return channel;
    }

    /// <summary>Takes back an object whose caller has the result.</summary>
    internal void Return(PendingRequest<TRequest, TReply> pending)
    {
        lock (_lock)
        {
            pending.Phase = RequestPhase.Free;
            if (_freeCount <= _maxInFlight)
            {
                pending.NextFree = _free;
                _free = pending;
                _freeCount++;
            }
        }
    }

    private ValueTask<TReply> SendCoreAsync(TRequest request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TReply>(cancellationToken);
        }

        try
        {
            PendingRequest<TRequest, TReply> pending = Start(request, isOneWay: false, timeout)!;
            pending.CancelWith(cancellationToken);
            return new ValueTask<TReply>(pending, pending.Version);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<TReply>(exception);
        }
    }
}
