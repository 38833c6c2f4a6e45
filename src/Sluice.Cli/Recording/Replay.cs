using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Recording;

/// <summary>Runs <c>sluice replay</c>.</summary>
/// <param name="file">The recording.</param>
/// <param name="address">The server.</param>
/// <param name="dial">Says how to connect.</param>
/// <param name="fastConnections">How many connections may be open at once if none waits for its recorded time; null if each does.</param>
/// <param name="compare">Whether an answer that is not the recorded one is a failure.</param>
/// <param name="timeout">The longest wait for an answer.</param>
/// <param name="json">Whether to print lines of JSON.</param>
internal sealed class Replay(string file, Address address, DialSettings dial, int? fastConnections, bool compare, TimeSpan timeout, bool json)
{
    public async Task<int> RunAsync()
    {
        dial.Tls.CheckFiles();
        IReadOnlyList<Conversation> all;
        PlainPath.ThrowIfFolder(file);
        await using (FileStream stream = File.OpenRead(file))
        {
            all = [.. Conversation.ReadAll(stream).Where(one => one.Messages.Exists(message => message.FromClient))];
        }

        if (all.Count == 0)
        {
            throw new InvalidDataException($"{file} has no connection in which a client sends something.");
        }

        using var signals = new StopSignals();
        await using SelectorManager selector = dial.Network.CreateSelector();
        var dialer = new Dialer(selector, dial);
        using SemaphoreSlim? room = fastConnections is { } most ? new SemaphoreSlim(most) : null;
        long start = TimeProvider.System.GetTimestamp();
        ReplayedConversation[] replayed = [.. all.Select(one => new ReplayedConversation(one, dialer, address, fastConnections is null ? (start, all[0].Began) : null, timeout))];
        Task<ReplayResult[]> replaying = Task.WhenAll(replayed.Select(one => RunAsync(one, room, signals.Stopping)));
        await new ReplayProgress(replayed, isWanted: !json).RunAsync(replaying);
        ReplayResult[] results = await replaying;
        Array.ForEach(results, Print);
        int same = results.Count(result => result.IsSame);
        if (!json)
        {
            Console.WriteLine($"{Quantity.Of(all.Count, "connection")}, {same} answered as recorded");
        }

        return results.Any(result => result.Error is not null) || (compare && same < all.Count) ? ExitCodes.Failure : ExitCodes.Success;
    }

    // In the order of the recording, as far as there is room.
    private static async Task<ReplayResult> RunAsync(ReplayedConversation conversation, SemaphoreSlim? room, CancellationToken stopping)
    {
        if (room is null)
        {
            return await conversation.RunAsync(stopping);
        }

        // One that a signal stops before its turn says so itself.
        await room.WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            return await conversation.RunAsync(stopping);
        }
        finally
        {
            room.Release();
        }
    }

    private void Print(ReplayResult result) => Console.WriteLine(json
        ? JsonLine.Of(
            ("client", $"{result.Client}"), ("sent", result.Sent), ("received", result.Received), ("recorded", result.Recorded), ("same", result.IsSame),
            ("differsAt", result.DiffersAt), ("error", result.Error))
        : $"{result.Client}: {Quantity.Of(result.Sent, "byte")} sent, {result.Received} received, {result switch
        {
            { Error: { } error } => error,
            { IsSame: true } => "as recorded",
            _ => $"{result.Recorded} recorded, different from byte {result.DiffersAt} on",
        }}");
}
