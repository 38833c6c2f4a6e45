using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Faults.Moving;

/// <summary>Counts what a server logs, and keeps the first message of each event: it is the other side of a connection that has failed.</summary>
internal sealed class ServerLog : ILoggerFactory, ILogger
{
    private readonly ConcurrentDictionary<string, (int Count, string First)> _events = new();

    /// <summary>Returns what was logged since the last call, in one line.</summary>
    public string Take()
    {
        string[] told = [.. _events.Select(logged => $"{logged.Key} {logged.Value.Count} times, first: {logged.Value.First}")];
        _events.Clear();
        return string.Join("; ", told).ReplaceLineEndings(" ");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _events.AddOrUpdate(eventId.Name ?? "unnamed", _ => (1, $"{formatter(state, exception)} {exception}"), (_, logged) => logged with { Count = logged.Count + 1 });

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}
