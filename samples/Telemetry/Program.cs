using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

// An echo server that exports metrics and traces to the console every second, and to the OTLP collector in OTEL_EXPORTER_OTLP_ENDPOINT, if it is set.
// Usage: Telemetry [--Url tcp://127.0.0.1:2323]. Import dashboard.json into Grafana to display the metrics from Prometheus.
HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
string url = builder.Configuration["Url"] ?? "tcp://127.0.0.1:2323";
bool exports = builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };

builder.Services.AddSocketServer("echo", options => options.EndPoints["plain"] = new() { Url = url })
    .Handle(async (_, connection, token) =>
    {
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, token);
        }
    });

builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics =>
    {
        metrics.AddMeter("Sluice").AddConsoleExporter((_, reader) => reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = 1000);
        _ = exports ? metrics.AddOtlpExporter() : metrics;
    })
    .WithTracing(tracing =>
    {
        tracing.AddSource("Sluice").AddConsoleExporter();
        _ = exports ? tracing.AddOtlpExporter() : tracing;
    });

await builder.Build().RunAsync();
