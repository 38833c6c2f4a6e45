using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Sluice.Snippets;

internal static class TelemetrySnippets
{
    public static void OpenTelemetry(IHostApplicationBuilder builder)
    {
        // <telemetry-otel>
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter("Sluice").AddOtlpExporter())
            .WithTracing(tracing => tracing.AddSource("Sluice").AddOtlpExporter());
        // </telemetry-otel>
    }

    public static async Task OptionsAsync(IMeterFactory meterFactory, ILoggerFactory loggerFactory)
    {
        // <telemetry-options>
        await using var selector = new SelectorManager(new SelectorOptions { MeterFactory = meterFactory, LoggerFactory = loggerFactory });
        // </telemetry-options>
    }

    public static void Describe(SelectorManager selector)
    {
        // <telemetry-describe>
        SelectorDescription now = selector.Describe();
        Console.WriteLine(now);                                             // or now.ToJson()
        foreach (SocketDescription socket in now.Sockets.Where(socket => socket.WaitsSince > TimeSpan.FromMinutes(1)))
        {
            Console.WriteLine($"{socket.RemoteEndPoint} waits for {socket.WaitsFor}");
        }
        // </telemetry-describe>
    }
}
