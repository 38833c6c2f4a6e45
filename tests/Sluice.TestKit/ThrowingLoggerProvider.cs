using Microsoft.Extensions.Logging;

namespace Sluice.TestKit;

/// <summary>A log that cannot be written to.</summary>
internal sealed class ThrowingLoggerProvider : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        throw new IOException("The disk is full.");

    public void Dispose()
    {
    }
}
