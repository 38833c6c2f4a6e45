using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Sluice.Faults.Moving;

/// <summary>
/// Moves bytes to the echo server and back over many connections, and checks each. A connection that fails is made again until the time is over.
/// </summary>
internal sealed class Mover(SelectorEngine engine, string server, int connections, TimeSpan duration, int seed)
{
    private const int Chunk = 8 * 1024;
    private const int MaxChunksUnderWay = 8;

    /// <summary>After so long without progress a connection ends with an error.</summary>
    public static readonly TimeSpan SocketTimeout = TimeSpan.FromSeconds(15);

    // A connection is given up after the socket timeout, and so are its handshake and its close.
    private static readonly TimeSpan s_patience = 4 * SocketTimeout;

    private readonly Tally _tally = new();
    private readonly long _began = Stopwatch.GetTimestamp();

    public async Task<Tally> RunAsync()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        Task[] moving = [.. Enumerable.Range(0, connections).Select(number => MoveAsync(selector, number))];
        try
        {
            await Task.WhenAll(moving).WaitAsync(duration + s_patience);
        }
        catch (TimeoutException)
        {
            _tally.Hung = moving.Count(task => !task.IsCompleted);
            _tally.Faults.Enqueue($"{_tally.Hung} connections hang: {selector.Describe()}");
        }

        return _tally;
    }

    private bool IsOver => Stopwatch.GetElapsedTime(_began) > duration;

    private async Task MoveAsync(SelectorManager selector, int number)
    {
        // On the pool, so that many begin at once.
        await Task.Yield();
        var random = new Random(HashCode.Combine(seed, number));
        do
        {
            try
            {
                await MoveOnceAsync(selector, random, tls: number % 2 == 1, EchoServer.Means[number / 2 % EchoServer.Means.Length]);
                Interlocked.Increment(ref _tally.Complete);
            }
            catch (WrongBytesException exception)
            {
                _tally.AddWrong($"Connection {number}: {exception.Message}");
            }
            catch (Exception exception) when (exception is IOException or SocketException or TimeoutException or AuthenticationException)
            {
                _tally.AddFailure(exception);
            }
            catch (Exception exception)
            {
                _tally.AddWrong($"Connection {number}: {exception}");
            }
        }
        while (!IsOver);
    }

    private async Task MoveOnceAsync(SelectorManager selector, Random random, bool tls, byte means)
    {
        Action<StreamSocketOptions> configure = options => (options.ConnectTimeout, options.SocketTimeout, options.CloseTimeout) = (SocketTimeout, SocketTimeout, SocketTimeout);
        await using StreamSocket socket = tls
            ? await selector.Tcp().ConnectTlsAsync(server, EchoServer.TlsPort, new SslClientAuthenticationOptions().DangerousAcceptAnyCertificate(), configure: configure)
            : await selector.Tcp().ConnectAsync(server, EchoServer.Port, configure);
        Connection connection = socket.OpenConnection();
        await connection.Output.WriteAsync(new[] { means });

        // Bounds what is under way, so that little is left to arrive when the time is over.
        using var underWay = new SemaphoreSlim(MaxChunksUnderWay);
        Task<long> writing = WriteAsync(connection.Output, random.Next(3) == 0 ? random.Next(1, 200) * Chunk : long.MaxValue, underWay);
        long read = 0;
        try
        {
            read = await ReadAsync(connection.Input, underWay);
        }
        catch
        {
            // The writer waits for what was read, or for room: neither comes any more.
            connection.Abort();
            underWay.Release(MaxChunksUnderWay);
            await writing.ContinueWith(static _ => { }, TaskScheduler.Default);
            throw;
        }

        // After an early end of the stream it waits for what comes back no more.
        underWay.Release(MaxChunksUnderWay);
        long written = await writing;
        if (read != written)
        {
            throw new WrongBytesException($"Of {written} bytes {read} came back before the end of the stream.");
        }
    }

    private async Task<long> WriteAsync(ByteWriteChannel output, long most, SemaphoreSlim underWay)
    {
        long written = 0;
        while (written < most && !IsOver)
        {
            await underWay.WaitAsync();
            await output.WriteAsync(Pattern.At(written, Chunk));
            written += Chunk;
        }

        await output.CompleteAsync();
        return written;
    }

    private async Task<long> ReadAsync(ByteReadChannel input, SemaphoreSlim underWay)
    {
        byte[] buffer = new byte[50_000];
        long read = 0;
        int count;
        while ((count = await input.ReadAsync(buffer)) > 0)
        {
            Pattern.Check(buffer.AsSpan(0, count), read);
            long chunks = ((read + count) / Chunk) - (read / Chunk);
            read += count;
            Interlocked.Add(ref _tally.Bytes, count);
            if (chunks > 0)
            {
                underWay.Release((int)chunks);
            }
        }

        return read;
    }
}
