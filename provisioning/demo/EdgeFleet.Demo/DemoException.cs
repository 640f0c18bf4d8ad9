namespace EdgeFleet.Demo;

/// <summary>The story did not go as it must; the text says where.</summary>
internal sealed class DemoException(string message) : Exception(message);
