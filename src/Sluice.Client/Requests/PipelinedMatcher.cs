using System.Buffers;
using System.Numerics;
using Sluice.Channels.Reading;

namespace Sluice.Client.Requests;

/// <summary>Matches replies to requests in their order, with a ring. The place of an abandoned request stays until its reply comes.</summary>
internal sealed class PipelinedMatcher<TRequest, TReply>(IPipelinedProtocol<TRequest, TReply> protocol, int maxInFlight) : ReplyMatcher<TRequest, TReply>
{
    private const int FirstSize = 16;

    // Guarded by the channel's lock. The requests _first to _next - 1 are in it; the size is a power of two.
    private Place[] _ring = new Place[FirstSize];
    private long _first;
    private long _next;

    // What _next was when the reader began to wait.
    private long _waitsFor;
    private int _abandoned;

    public override long MaxBuffered => protocol.MaxBuffered;

    public override int InFlight => (int)(_next - _first);

    public override int Abandoned => _abandoned;

    public override void Encode(TRequest request, PendingRequest<TRequest, TReply> pending, IBufferWriter<byte> output) => protocol.Encode(request, output);

    public override bool TryDecode(Lock sync, in FrameInput input, out TReply message, out long consumed)
    {
        bool isAwaited;
        TRequest? request = default;
        lock (sync)
        {
            isAwaited = _next > _first;
            if (isAwaited)
            {
                request = _ring[Index(_first)].Request;
            }
        }

        return isAwaited
            ? protocol.TryDecodeReply(request!, input, out message, out consumed)
            : protocol.TryDecode(input, out message, out consumed);
    }

    public override bool TryGetKey(TReply message, out long key)
    {
        key = 0;
        return !protocol.IsPush(message);
    }

    public override bool IsOverdue => _first < _waitsFor;

    public override void BeginWait() => _waitsFor = _next;

    public override void Begin(PendingRequest<TRequest, TReply> pending)
    {
    }

    public override void Forget(PendingRequest<TRequest, TReply> pending)
    {
    }

    public override void Send(PendingRequest<TRequest, TReply> pending, TRequest request)
    {
        if (InFlight == _ring.Length)
        {
            Grow();
        }

        pending.Key = _next;
        _ring[Index(_next)] = new Place { Pending = pending, Request = request };
        _next++;
    }

    public override void Abandon(PendingRequest<TRequest, TReply> pending)
    {
        _ring[Index(pending.Key)].Pending = null;
        _abandoned++;
    }

    public override PendingRequest<TRequest, TReply>? Take(long key)
    {
        if (_next == _first)
        {
            throw MalformedData.Exception("The peer sent a reply, but every request has its reply already.");
        }

        ref Place place = ref _ring[Index(_first++)];
        PendingRequest<TRequest, TReply>? pending = place.Pending;
        place = default;
        if (pending is null)
        {
            _abandoned--;
        }

        return pending;
    }

    public override void CollectInto(List<PendingRequest<TRequest, TReply>> requests)
    {
        for (long i = _first; i < _next; i++)
        {
            if (_ring[Index(i)].Pending is { } pending)
            {
                requests.Add(pending);
            }
        }
    }

    public override void Clear()
    {
        _first = _next;
        _abandoned = 0;
        Array.Clear(_ring);
    }

    private int Index(long number) => (int)number & (_ring.Length - 1);

    private void Grow()
    {
        int most = (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)maxInFlight), 1 << 30);
        var larger = new Place[Math.Min(_ring.Length * 2, Math.Max(most, FirstSize))];
        for (long i = _first; i < _next; i++)
        {
            larger[(int)i & (larger.Length - 1)] = _ring[Index(i)];
        }

        _ring = larger;
    }

    private struct Place
    {
        public PendingRequest<TRequest, TReply>? Pending;
        public TRequest? Request;
    }
}
