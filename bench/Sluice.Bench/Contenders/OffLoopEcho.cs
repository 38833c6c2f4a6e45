using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Sluice.Bench.Contenders;

/// <summary>
/// Answers each message of a connection from the thread pool, as a server does whose requests run side by side: many callers write small messages
/// to one connection, whole and in order under a lock.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Answers may wait for the semaphore when the connection ends. Without a wait handle it holds no resource.")]
internal sealed class OffLoopEcho(Func<ReadOnlyMemory<byte>, ValueTask> send) : IThreadPoolWorkItem
{
    /// <summary>The size of a message.</summary>
    public const int Size = 64;

    private readonly ConcurrentQueue<byte[]> _messages = new();
    private readonly ConcurrentQueue<byte[]> _spare = new();
    private readonly SemaphoreSlim _sending = new(1);
    private byte[]? _current;
    private int _filled;

    /// <summary>Takes received bytes, on the thread that has received them. Each message that they complete is answered elsewhere.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            _current ??= _spare.TryDequeue(out byte[]? spare) ? spare : new byte[Size];
            int count = Math.Min(bytes.Length, Size - _filled);
            bytes[..count].CopyTo(_current.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == Size)
            {
                _messages.Enqueue(_current);
                (_current, _filled) = (null, 0);
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = AnswerAsync();

    private async Task AnswerAsync()
    {
        await _sending.WaitAsync();
        try
        {
            if (_messages.TryDequeue(out byte[]? message))
            {
                await send(message);
                _spare.Enqueue(message);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The load has disconnected.
        }
        finally
        {
            _sending.Release();
        }
    }
}
