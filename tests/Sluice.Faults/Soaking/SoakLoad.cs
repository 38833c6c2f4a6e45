using System.Globalization;
using Sluice.Faults.Kit;
using Sluice.Faults.Lines;

namespace Sluice.Faults.Soaking;

/// <summary>
/// A low and steady load in a process of its own: lines over connections that stay, bytes, and connections that come and go, plain and over TLS. Each line of its
/// standard input is answered with what has happened since the last.
/// </summary>
internal sealed class SoakLoad(SelectorEngine engine, int plainPort, int tlsPort)
{
    private const int Block = 64 * 1024;
    private const int LineClients = 4;

    private static readonly TimeSpan s_linePeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_blockPeriod = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_plainConnectPeriod = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_tlsConnectPeriod = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private readonly Latencies _latencies = new();
    private long _connections;
    private long _bytes;
    private int _failures;
    private string _failure = "none";

    public async Task RunAsync()
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        var load = new List<Task>();
        foreach (bool tls in new[] { false, true })
        {
            load.AddRange(Enumerable.Range(0, LineClients).Select(_ => KeepAsync(() => AskAsync(selector, tls))));
            load.Add(KeepAsync(() => ExchangeAsync(selector, tls)));
            load.Add(KeepAsync(() => ComeAndGoAsync(selector, tls)));
        }

        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            (int count, TimeSpan median, TimeSpan percentile99) = _latencies.Take();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{count} {median.TotalMicroseconds:0} {percentile99.TotalMicroseconds:0} {Interlocked.Exchange(ref _connections, 0)} {Interlocked.Exchange(ref _bytes, 0)} {_failures} {_failure.ReplaceLineEndings(" ")}"));
        }

        await _end.CancelAsync();
        await Task.WhenAll(load);
    }

    // A load that fails is counted, and begins anew.
    private async Task KeepAsync(Func<Task> load)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await load();
            }
            catch (Exception exception)
            {
                Interlocked.Increment(ref _failures);
                _failure = exception.ToString();
                await PauseAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async Task AskAsync(SelectorManager selector, bool tls)
    {
        await using LineClient client = await ConnectAsync(selector, tls);
        await client.AskEachAsync(s_linePeriod, _latencies, _end.Token);
    }

    private async Task ExchangeAsync(SelectorManager selector, bool tls)
    {
        await using LineClient client = await ConnectAsync(selector, tls);
        while (!_end.IsCancellationRequested)
        {
            await client.ExchangeAsync(Block);
            Interlocked.Add(ref _bytes, 2 * Block);
            await PauseAsync(s_blockPeriod);
        }
    }

    private async Task ComeAndGoAsync(SelectorManager selector, bool tls)
    {
        for (int i = 0; !_end.IsCancellationRequested; i++)
        {
            await using (LineClient client = await ConnectAsync(selector, tls))
            {
                await client.AskAsync();
                await LeaveAsync(client, i);
            }

            await PauseAsync(tls ? s_tlsConnectPeriod : s_plainConnectPeriod);
        }
    }

    private static async Task LeaveAsync(LineClient client, int number)
    {
        switch (number % 4)
        {
            case 0:
                client.Socket.Abort();
                break;
            case 1:
                await client.Connection.Output.CompleteAsync();
                _ = await client.Connection.Input.ReadLineAsync();
                break;
            case 2:
                await client.Socket.CloseAsync();
                break;
        }
    }

    private async Task<LineClient> ConnectAsync(SelectorManager selector, bool tls)
    {
        LineClient client = await LineClient.ConnectAsync(selector, tls ? tlsPort : plainPort, tls);
        Interlocked.Increment(ref _connections);
        return client;
    }

    private async Task PauseAsync(TimeSpan time) => await Task.Delay(time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
