using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.TestKit;

/// <summary>Keeps what is logged.</summary>
/// <param name="minimum">The level from which on it keeps it.</param>
internal sealed class CollectingLoggerProvider(LogLevel minimum = LogLevel.Trace) : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(string? Event, string Message, Exception? Exception, LogLevel Level)> Entries { get; } = new();

    public int Count(string eventName) => Entries.Count(entry => entry.Event == eventName);

    public ILoggerFactory CreateFactory() => LoggerFactory.Create(builder => builder.SetMinimumLevel(minimum).AddProvider(this));

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Entries.Enqueue((eventId.Name, formatter(state, exception), exception, logLevel));
        }
    }

    public void Dispose()
    {
    }
}
