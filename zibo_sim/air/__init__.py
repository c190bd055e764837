"""Air: rules of the heavy-pollution plan, weather and box physics, the alert process."""
