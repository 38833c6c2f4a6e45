using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    // In a namespace whose name server is here and never answers: how connects with a timeout of a second end, when, and for how long at most work of the pool
    // had to wait during it; then whether a name of /etc/hosts is found at once all the same, and how a lookup without a timeout is cancelled.
    private static async Task ConnectToSilentNamesAsync(SelectorEngine engine, int count)
    {
        using var mute = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        mute.Bind(new IPEndPoint(IPAddress.Loopback, 53));
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        using var over = new CancellationTokenSource();
        Task<TimeSpan> probing = Task.Factory.StartNew(() => ProbePool(over.Token), TaskCreationOptions.LongRunning);
        long started = Stopwatch.GetTimestamp();
        string[] outcomes = await Task.WhenAll(Enumerable.Range(0, count).Select(i => OutcomeOfAsync(
            () => selector.Tcp().ConnectAsync($"h{i}.example", 1, options => options.ConnectTimeout = TimeSpan.FromSeconds(1)))));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
        started = Stopwatch.GetTimestamp();
        string local = await OutcomeOfAsync(() => selector.Tcp().ConnectAsync("localhost", server.Port));
        TimeSpan localElapsed = Stopwatch.GetElapsedTime(started);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        started = Stopwatch.GetTimestamp();
        string cancelled = await OutcomeOfAsync(() => selector.Udp().ConnectAsync("udp.example", 1, cancellationToken: cancellation.Token));
        TimeSpan cancelledElapsed = Stopwatch.GetElapsedTime(started);
        await over.CancelAsync();
        string all = string.Join(' ', outcomes.GroupBy(outcome => outcome).Select(group => $"{group.Count()} {group.Key}"));
        Console.WriteLine(
            $"{all}; {elapsed.TotalSeconds:0.0}; {(await probing).TotalSeconds:0.0}; localhost {local}; {localElapsed.TotalSeconds:0.0}; {cancelled}; {cancelledElapsed.TotalSeconds:0.0}");
    }

    private static async Task<string> OutcomeOfAsync<T>(Func<ValueTask<T>> makeAsync)
        where T : IAsyncDisposable
    {
        try
        {
            await (await makeAsync()).DisposeAsync();
            return "done";
        }
        catch (Exception exception)
        {
            return exception.GetType().Name;
        }
    }

    private static TimeSpan ProbePool(CancellationToken over)
    {
        TimeSpan longest = TimeSpan.Zero;
        while (!over.IsCancellationRequested)
        {
            long asked = Stopwatch.GetTimestamp();
            using var ran = new ManualResetEventSlim();
            ThreadPool.UnsafeQueueUserWorkItem(static state => ((ManualResetEventSlim)state!).Set(), ran);
            ran.Wait(CancellationToken.None);
            TimeSpan took = Stopwatch.GetElapsedTime(asked);
            longest = took > longest ? took : longest;
            Thread.Sleep(10);
        }

        return longest;
    }
}
