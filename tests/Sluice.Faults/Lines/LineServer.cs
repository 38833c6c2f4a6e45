using System.Globalization;
using System.Runtime.InteropServices;
using Sluice.Tls;

namespace Sluice.Faults.Lines;

/// <summary>
/// A server as the guides show it, with the library's defaults, in a process of its own. It answers each line with itself; after a line "&gt;N", it sends back
/// N bytes. It has a second listener with TLS, a third for frames with a length of four bytes, and a fourth that sends bytes without end.
/// </summary>
internal static class LineServer
{
    /// <summary>The longest frame.</summary>
    public const int MaxFrame = 64 * 1024;

    public static IFrameDecoder<System.Buffers.ReadOnlySequence<byte>> Frames { get; } = FrameDecoder.LengthPrefixed(new LengthPrefix(4), MaxFrame);

    /// <summary>Serves until its standard input ends. Answers each line of it with the managed memory and the open sockets.</summary>
    public static async Task RunAsync(SelectorEngine engine)
    {
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket plain = await ListenAsync(selector);
        await using ServerSocket tls = (await ListenAsync(selector)).UseTls(DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority()));
        await using ServerSocket frames = await ListenAsync(selector);
        await using ServerSocket flood = await ListenAsync(selector);
        Task serving = Task.WhenAll(plain.ServeAsync(AnswerAsync), tls.ServeAsync(AnswerAsync), frames.ServeAsync(AnswerFramesAsync), flood.ServeAsync(FloodAsync));
        Console.WriteLine($"ready {plain.Port} {tls.Port} {frames.Port} {flood.Port}");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine($"{GC.GetTotalMemory(forceFullCollection: false)} {selector.Describe(0).SocketCount}");
        }

        await new[] { plain, tls, frames, flood }.StopAsync(TimeSpan.Zero);
        await serving;
    }

    private static ValueTask<ServerSocket> ListenAsync(SelectorManager selector) =>
        selector.Tcp().BindAsync("127.0.0.1", configure: options => options.Backlog = 4096);

    private static async Task AnswerAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith('>'))
            {
                await connection.Input.CopyToAsync(connection.Output, Count(line), cancellationToken);
            }
            else
            {
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        }
    }

    private static async Task AnswerFramesAsync(Connection connection, CancellationToken cancellationToken)
    {
        IFrameEncoder<System.Buffers.ReadOnlySequence<byte>> encoder = FrameEncoder.LengthPrefixed(new LengthPrefix(4), MaxFrame);
        await foreach (System.Buffers.ReadOnlySequence<byte> frame in connection.Input.ReadFramesAsync(Frames, cancellationToken))
        {
            await connection.Output.WriteFrameAsync(encoder, frame, cancellationToken);
        }
    }

    private static async Task FloodAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await connection.Output.WriteAsync(Pattern.At(0, 10_000), cancellationToken);
        }
    }

    private static long Count(string line) => long.TryParse(line.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
        ? count
        : throw new InvalidDataException("The number of bytes is none.");
}
