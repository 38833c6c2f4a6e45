using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.TestKit;

/// <summary>Keeps what is logged.</summary>
internal sealed class CollectingLoggerProvider : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(string? Event, string Message, Exception? Exception, LogLevel Level)> Entries { get; } = new();

    public int Count(string eventName) => Entries.Count(entry => entry.Event == eventName);

    public ILoggerFactory CreateFactory() => LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(this));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((eventId.Name, formatter(state, exception), exception, logLevel));

    public void Dispose()
    {
    }
}
