using System.Globalization;
using Sluice.Faults.Kit;
using Sluice.Faults.Lines;

namespace Sluice.Faults.Attacking;

/// <summary>Clients that do nothing bad, and new ones for each measurement: a server under attack has to let them in.</summary>
internal sealed class GoodClients(SelectorManager selector, string[] ports)
{
    public async Task<Window> MeasureAsync(int plain, int tls, TimeSpan period, TimeSpan time)
    {
        var latencies = new Latencies();
        string? fault = null;
        try
        {
            LineClient[] clients = await Task.WhenAll(Enumerable.Range(0, plain + tls).Select(number =>
                LineClient.ConnectAsync(selector, int.Parse(ports[number < plain ? 0 : 1], CultureInfo.InvariantCulture), tls: number >= plain)));
            using var end = new CancellationTokenSource(time);
            await Task.WhenAll(clients.Select(async client =>
            {
                await using (client)
                {
                    await client.AskEachAsync(period, latencies, end.Token);
                }
            }));
        }
        catch (Exception exception)
        {
            fault = $"a good client failed: {exception.Message}";
        }

        (int _, TimeSpan median, TimeSpan percentile99) = latencies.Take();
        return new Window(median, percentile99, fault);
    }
}
