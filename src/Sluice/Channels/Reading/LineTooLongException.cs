namespace Sluice;

/// <summary>
/// The exception that is thrown when a line is longer than <see cref="LineReadOptions.MaxLength"/>. Nothing was consumed: the line can still be
/// read as bytes, or with a higher limit.
/// </summary>
public sealed class LineTooLongException : LimitExceededException
{
    /// <summary>Creates the exception with a default message.</summary>
    public LineTooLongException()
        : base("The line is too long.")
    {
    }

    /// <summary>Creates the exception with the given message.</summary>
    /// <param name="message">The message.</param>
    public LineTooLongException(string? message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the given message and cause.</summary>
    /// <param name="message">The message.</param>
    /// <param name="innerException">The cause.</param>
    public LineTooLongException(string? message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal LineTooLongException(int limit, long position)
        : base("line", limit, position, $"{nameof(LineReadOptions)}.{nameof(LineReadOptions.MaxLength)}")
    {
    }
}
