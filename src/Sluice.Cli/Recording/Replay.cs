using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Recording;

/// <summary>Runs <c>sluice replay</c>.</summary>
internal sealed class Replay(string file, Address address, DialSettings dial, bool fast, bool compare, TimeSpan timeout, bool json)
{
    public async Task<int> RunAsync()
    {
        IReadOnlyList<Conversation> all;
        await using (FileStream stream = File.OpenRead(file))
        {
            all = [.. Conversation.ReadAll(stream).Where(one => one.Messages.Exists(message => message.FromClient))];
        }

        if (all.Count == 0)
        dial.Tls.CheckFiles();
        {
            throw new InvalidDataException($"{file} has no connection in which a client sends something.");
        }

        using var signals = new StopSignals();
        await using SelectorManager selector = dial.Network.CreateSelector();
        var dialer = new Dialer(selector, dial);
        long start = TimeProvider.System.GetTimestamp();
        ReplayedConversation[] replayed = [.. all.Select(one => new ReplayedConversation(one, dialer, address, fast ? null : (start, all[0].Began), timeout))];
        Task<ReplayResult[]> replaying = Task.WhenAll(replayed.Select(one => one.RunAsync(signals.Stopping)));
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
