using Microsoft.Extensions.Logging;

namespace Sluice.Cli.Output;

/// <summary>Reports the clients that do not get past TLS or the PROXY header: no connection of theirs is served, and so nothing else tells of them.</summary>
internal sealed class RefusalLogger(ErrorOutput errors) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    // The events are at this level.
    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string? what = eventId.Name switch
        {
            // The reason names the handshake.
            "TlsHandshakeFailed" => "",
            "ProxyHeaderRefused" => "PROXY header missing or invalid: ",
            _ => null,
        };
        if (what is not null && state is IReadOnlyList<KeyValuePair<string, object?>> values)
        {
            errors.Report($"{what}{Value(values, "Reason")}", $"{Value(values, "RemoteEndPoint")}");
        }
    }

    public void Dispose()
    {
        // Nothing is open.
    }

    private static object? Value(IReadOnlyList<KeyValuePair<string, object?>> values, string name) => values.FirstOrDefault(one => one.Key == name).Value;
}
