namespace Sluice.Stress.Kit;

/// <summary>What was received was not sent.</summary>
internal sealed class WrongBytesException(string message) : Exception(message);
