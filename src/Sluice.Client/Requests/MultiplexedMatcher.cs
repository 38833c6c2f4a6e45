using System.Buffers;
using Sluice.Channels.Reading;

namespace Sluice.Client.Requests;

/// <summary>Matches replies to requests by ids. The id of an abandoned request is not used again before its reply comes.</summary>
internal sealed class MultiplexedMatcher<TRequest, TReply> : ReplyMatcher<TRequest, TReply>
{
    private readonly IMultiplexedProtocol<TRequest, TReply> _protocol;
    private readonly long _minId;
    private readonly long _maxId;

    // Guarded by the channel's lock. Null for an abandoned request.
    private readonly Dictionary<long, PendingRequest<TRequest, TReply>?> _requests = [];
    private long _nextId;
    private int _inFlight;
    private int _abandoned;

    // The number of the reader's wait.
    private long _wait;

    public MultiplexedMatcher(IMultiplexedProtocol<TRequest, TReply> protocol)
    {
        _protocol = protocol;
        _minId = protocol.MinId;
        _maxId = protocol.MaxId;
        if (_minId < 0 || _maxId < _minId)
        {
            throw new ArgumentException($"There is no id from {_minId} to {_maxId} that is not negative.", nameof(protocol));
        }

        _nextId = _minId;
    }

    public override long MaxBuffered => _protocol.MaxBuffered;

    public override int InFlight => _inFlight;

    public override int Abandoned => _abandoned;

    public override void Encode(TRequest request, PendingRequest<TRequest, TReply> pending, IBufferWriter<byte> output) =>
        _protocol.Encode(request, pending.Key, output);

    public override bool TryDecode(Lock sync, in FrameInput input, out TReply message, out long consumed) =>
        _protocol.TryDecode(input, out message, out consumed);

    public override bool TryGetKey(TReply message, out long key) => _protocol.TryGetId(message, out key);

    public override bool IsOverdue
    {
        get
        {
            foreach (PendingRequest<TRequest, TReply>? pending in _requests.Values)
            {
                if (pending is { Phase: RequestPhase.Sent } && pending.SentDuring < _wait)
                {
                    return true;
                }
            }

            return false;
        }
    }

    public override void BeginWait() => _wait++;

    public override void Begin(PendingRequest<TRequest, TReply> pending)
    {
        if (pending.IsOneWay)
        {
            pending.Key = 0;
            return;
        }

        // Ids in use are few and old: the next is free almost always. With all in use, there are more than the channel's limits if the range is large.
        if (_requests.Count > _maxId - _minId)
        {
            throw new RequestException($"All ids from {_minId} to {_maxId} are in use.", innerException: null, RequestDelivery.NotSent);
        }

        do
        {
            pending.Key = _nextId;
            _nextId = _nextId == _maxId ? _minId : _nextId + 1;
        }
        while (!_requests.TryAdd(pending.Key, pending));
    }

    public override void Forget(PendingRequest<TRequest, TReply> pending)
    {
        if (!pending.IsOneWay)
        {
            _requests.Remove(pending.Key);
        }
    }

    public override void Send(PendingRequest<TRequest, TReply> pending, TRequest request)
    {
        pending.SentDuring = _wait;
        _inFlight++;
    }

    public override void Abandon(PendingRequest<TRequest, TReply> pending)
    {
        _requests[pending.Key] = null;
        _inFlight--;
        _abandoned++;
    }

    public override PendingRequest<TRequest, TReply>? Take(long key)
    {
        if (!_requests.TryGetValue(key, out PendingRequest<TRequest, TReply>? pending) || pending is { Phase: not RequestPhase.Sent })
        {
            throw MalformedData.Exception($"The peer sent a reply to request {key}, which is not unanswered.");
        }

        _requests.Remove(key);
        if (pending is null)
        {
            _abandoned--;
        }
        else
        {
            _inFlight--;
        }

        return pending;
    }

    public override void CollectInto(List<PendingRequest<TRequest, TReply>> requests)
    {
        foreach (PendingRequest<TRequest, TReply>? pending in _requests.Values)
        {
            if (pending is { Phase: RequestPhase.Sent })
            {
                requests.Add(pending);
            }
        }
    }

    public override void Clear()
    {
        _requests.Clear();
        _inFlight = 0;
        _abandoned = 0;
    }
}
