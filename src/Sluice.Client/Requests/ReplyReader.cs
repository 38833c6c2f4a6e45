using System.Buffers;
using System.Threading.Channels;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Client.Requests;

/// <summary>Decodes messages, and hands them to their requests or to the stream of pushes. Only the channel's reading task uses it, except where said.</summary>
internal sealed class ReplyReader<TRequest, TReply>
{
    private readonly RequestChannel<TRequest, TReply> _channel;
    private readonly ReplyMatcher<TRequest, TReply> _matcher;
    private readonly Channel<TReply> _pushes;
    private readonly PushOverflow _overflow;

    // How many bytes of the incomplete message at the front of the buffer the decoder has seen.
    private long _examined;

    // Interlocked: the channel of pushes reports what it drops on the threads that use it.
    private long _droppedPushes;

    private TReply? _heldPush;

    public ReplyReader(RequestChannel<TRequest, TReply> channel, ReplyMatcher<TRequest, TReply> matcher, RequestChannelOptions options)
    {
        _channel = channel;
        _matcher = matcher;
        _overflow = options.PushOverflow;
        var bounded = new BoundedChannelOptions(options.PushCapacity)
        {
            SingleWriter = true,
            FullMode = _overflow switch
            {
                PushOverflow.DropOldest => BoundedChannelFullMode.DropOldest,
                PushOverflow.DropNewest => BoundedChannelFullMode.DropWrite,
                _ => BoundedChannelFullMode.Wait,
            },
        };
        _pushes = Channel.CreateBounded<TReply>(bounded, _ => Interlocked.Increment(ref _droppedPushes));
    }

    /// <summary>Gets the stream of pushes, for any thread.</summary>
    public ChannelReader<TReply> Pushes => _pushes.Reader;

    public long DroppedPushes => Interlocked.Read(ref _droppedPushes);

    /// <summary>Whether a push waits for room, and nothing may be read before it has some.</summary>
    public bool IsPushHeld { get; private set; }

    /// <summary>Decodes messages from the front of the buffer.</summary>
    /// <returns>The number of bytes of complete messages.</returns>
    public long Decode(in ReadOnlySequence<byte> buffered, long position, bool isFinal)
    {
        long consumed = 0;
        ReadOnlySequence<byte> rest = buffered;
        while (!rest.IsEmpty)
        {
            var input = new FrameInput(rest, _examined, isFinal, position + consumed);
            if (!_matcher.TryDecode(_channel.Sync, input, out TReply message, out long length))
            {
                OnIncomplete(rest.Length, position + consumed, isFinal);
                return consumed;
            }

            if (length <= 0 || length > rest.Length)
            {
                throw new InvalidOperationException($"The decoder says that its message has {length} of the {rest.Length} bytes that are there.");
            }

            _examined = 0;
            consumed += length;
            rest = rest.Slice(length);
            Dispatch(message);
            if (IsPushHeld)
            {
                break;
            }
        }

        return consumed;
    }

    /// <summary>Waits until the held push has room, or the channel has ended.</summary>
    public async ValueTask WaitForRoomAsync(Task ended)
    {
        while (!_pushes.Writer.TryWrite(_heldPush!))
        {
            Task<bool> room = _pushes.Writer.WaitToWriteAsync().AsTask();
            await Task.WhenAny(room, ended).ConfigureAwait(false);
            if (ended.IsCompleted)
            {
                // The stream of pushes ends before the channel does, so this wait has ended, too.
                await ((Task)room).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            }
        }

        _heldPush = default;
        IsPushHeld = false;
    }

    /// <summary>Ends the stream of pushes. Any thread may call this.</summary>
    public void Complete(Exception? cause) => _pushes.Writer.TryComplete(cause);

    private void Dispatch(TReply message)
    {
        if (_matcher.TryGetKey(message, out long key))
        {
            _channel.OnReply(key, message);
        }
        else if (!_pushes.Writer.TryWrite(message) && !_pushes.Reader.Completion.IsCompleted)
        {
            if (_overflow == PushOverflow.Close)
            {
                throw new InvalidOperationException("The messages that the peer sends without a request are not read in time.");
            }

            _heldPush = message;
            IsPushHeld = true;
        }
    }

    private void OnIncomplete(long length, long position, bool isFinal)
    {
        if (length > _matcher.MaxBuffered)
        {
            throw new LimitExceededException("message", _matcher.MaxBuffered, position);
        }

        if (isFinal)
        {
            throw Failures.Unfinished("message", length);
        }

        _examined = length;
    }
}
